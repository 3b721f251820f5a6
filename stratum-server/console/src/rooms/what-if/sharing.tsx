import { memo, useState } from "react";
import { Form } from "react-aria-components";
import type { Wrong } from "~/engine/answer";
import { Button } from "~/parts/button";
import { Choices, Dialog } from "~/parts/dialog";
import { Field } from "~/parts/field";
import { useNotices } from "~/parts/notices";
import { useTenantId } from "~/session/session";
import { capital } from "~/words/vocabulary";
import { useSaved } from "./saved";
import type { Scenario } from "./scenario";
import { decode, encode } from "./share";
import styles from "./sharing.module.css";

/** The address of a scenario, to send to somebody of the same tenant. */
export function linkOf(scenario: Scenario): string {
  return `${location.origin}/what-if?s=${encode(scenario)}`;
}

/** Keeps a scenario by name, brings kept ones back, and gives out the link. */
export const Sharing = memo(function Sharing({ scenario: now, suggestion, onOpen }: { scenario(): Scenario; suggestion: string; onOpen(scenario: Scenario): void }) {
  const { tell } = useNotices();
  const saved = useSaved(useTenantId());
  const [open, setOpen] = useState<"save" | "list" | "link" | null>(null);
  const close = () => setOpen(null);
  const share = async () => {
    try {
      await navigator.clipboard.writeText(linkOf(now()));
      tell("The link to this scenario is on your clipboard.", "pass");
    } catch {
      // Without permission for the clipboard the link is shown instead.
      setOpen("link");
    }
  };
  return (
    <div className={styles["buttons"]}>
      {saved.list.length > 0 && (
        <Button size="small" onPress={() => setOpen("list")}>
          Saved ({saved.list.length})
        </Button>
      )}
      <Button size="small" onPress={() => setOpen("save")}>
        Save…
      </Button>
      <Button size="small" look="main" onPress={() => void share()}>
        Copy link
      </Button>
      {open === "save" && (
        <Naming
          suggestion={suggestion}
          onClose={close}
          onName={(name) => {
            saved.keep({ name, link: encode(now()) });
            tell(`“${name}” is kept in this browser.`, "pass");
            close();
          }}
        />
      )}
      {open === "link" && (
        <Dialog title="The link to this scenario" isOpen onClose={close}>
          <Field label="Link" value={linkOf(now())} isReadOnly autoFocus />
          <Choices>
            <Button onPress={close}>Close</Button>
          </Choices>
        </Dialog>
      )}
      {open === "list" && (
        <Dialog title="Saved in this browser" isOpen onClose={close}>
          <ul className={styles["list"]}>
            {saved.list.map(({ name, link }) => (
              <li key={name}>
                <Button
                  onPress={() => {
                    const read = decode(link);
                    if (read.ok) onOpen(read.scenario);
                    else tell(`“${name}” cannot be read: ${read.problems.map(({ message }) => message).join("; ")}`, "block");
                    close();
                  }}
                >
                  {name}
                </Button>
                <Button look="quiet" size="small" aria-label={`Forget ${name}`} onPress={() => saved.forget(name)}>
                  Forget
                </Button>
              </li>
            ))}
          </ul>
          <Choices>
            <Button onPress={close}>Close</Button>
          </Choices>
        </Dialog>
      )}
    </div>
  );
});

function Naming({ suggestion, onClose, onName }: { suggestion: string; onClose(): void; onName(name: string): void }) {
  const [name, setName] = useState(suggestion);
  const text = name.trim();
  return (
    <Dialog title="Save this scenario" isOpen onClose={onClose}>
      <Form
        validationBehavior="aria"
        onSubmit={(event) => {
          event.preventDefault();
          if (text !== "") onName(text);
        }}
      >
        <div className={styles["form"]}>
          <Field label="Name" autoFocus isRequired value={name} onChange={setName} hint="Kept in this browser; nothing changes on the server." />
          <Choices>
            <Button onPress={onClose}>Cancel</Button>
            <Button type="submit" look="main" isDisabled={text === ""}>
              Save
            </Button>
          </Choices>
        </div>
      </Form>
    </Dialog>
  );
}

/** What is wrong with a link that somebody followed. */
export function BrokenLink({ problems, onClose }: { problems: readonly Wrong[]; onClose(): void }) {
  return (
    <div className={styles["broken"]} role="alert">
      <div>
        <b>The link could not be read, so you see the present instead.</b>
        <ul>
          {problems.map(({ path, message, help }) => (
            <li key={`${path} ${message}`}>
              {path !== "" && <code>{path}</code>} {path === "" ? capital(message) : message}
              {help !== undefined && `; ${help}`}
            </li>
          ))}
        </ul>
      </div>
      <Button size="small" onPress={onClose}>
        Close
      </Button>
    </div>
  );
}
