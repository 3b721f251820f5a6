import { Button, Header, Menu, MenuItem, MenuSection, MenuTrigger, Popover, Separator } from "react-aria-components";
import { useSession } from "~/session/session";
import { type Choice, choose, useChoice } from "~/theme/theme";
import { word } from "~/words/vocabulary";
import styles from "./person.module.css";

const THEMES: readonly (readonly [Choice, string])[] = [
  ["system", "As the system"],
  ["light", "Light"],
  ["dark", "Dark"],
];

/** Who is signed in, the theme, and the way out. */
export function PersonMenu() {
  const { me, signOut } = useSession();
  const choice = useChoice();
  const { full_name: name, email, role } = me.user;
  return (
    <MenuTrigger>
      <Button className={styles["person"]!} aria-label={`${name}, ${word(role)}: account and theme`}>
        <span className={styles["face"]} aria-hidden="true">
          {name.charAt(0)}
        </span>
        <span className={styles["who"]} aria-hidden="true">
          <b>{name}</b>
          <span>{word(role)}</span>
        </span>
      </Button>
      <Popover placement="bottom end" className={styles["popover"]!}>
        <Menu
          className={styles["menu"]!}
          aria-label="Account and theme"
          onAction={(key) => {
            if (key === "out") void signOut();
          }}
        >
          <MenuSection>
            <Header className={styles["mail"]!}>
              {email} · {word(role)}
            </Header>
          </MenuSection>
          <Separator />
          <MenuSection
            aria-label="Theme"
            selectionMode="single"
            disallowEmptySelection
            selectedKeys={[choice]}
            onSelectionChange={(keys) => {
              const [key] = keys === "all" ? [] : [...keys];
              if (key !== undefined) choose(key as Choice);
            }}
          >
            <Header>Theme</Header>
            {THEMES.map(([key, text]) => (
              <MenuItem key={key} id={key} className={styles["item"]!}>
                {({ isSelected }) => (
                  <>
                    {text}
                    {isSelected && <span aria-hidden="true">✓</span>}
                  </>
                )}
              </MenuItem>
            ))}
          </MenuSection>
          <Separator />
          <MenuItem id="docs" href="/docs/" target="_blank" className={styles["item"]!}>
            API documentation
          </MenuItem>
          <MenuItem id="out" className={styles["item"]!}>
            Sign out
          </MenuItem>
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}
