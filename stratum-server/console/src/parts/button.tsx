import { Button as Pressable, type ButtonProps } from "react-aria-components";
import styles from "./button.module.css";

interface Props extends Omit<ButtonProps, "className" | "style"> {
  look?: "main" | "plain" | "quiet" | "danger";
  size?: "normal" | "small";
}

/** A button: one `main` per place, `danger` for what stops or cannot be undone. */
export function Button({ look = "plain", size = "normal", ...props }: Props) {
  return <Pressable {...props} className={`${styles["button"]} ${styles[look]} ${styles[size]}`} />;
}
