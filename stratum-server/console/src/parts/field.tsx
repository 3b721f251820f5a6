import type { ReactNode } from "react";
import { FieldError, Input, Label, Text, TextArea, TextField, type TextFieldProps } from "react-aria-components";
import styles from "./field.module.css";

interface Props extends Omit<TextFieldProps, "className" | "style" | "children" | "isInvalid"> {
  label: string;
  hint?: ReactNode;
  /** What the server said about this field. */
  problem?: string | undefined;
  long?: boolean;
}

/** A text field with its label, its hint and the server's problem, all read out together. */
export function Field({ label, hint, problem, long = false, ...props }: Props) {
  return (
    <TextField {...props} isInvalid={problem !== undefined} className={styles["field"]!}>
      <Label>{label}</Label>
      {long ? <TextArea rows={3} /> : <Input />}
      {hint !== undefined && <Text slot="description">{hint}</Text>}
      <FieldError>{problem}</FieldError>
    </TextField>
  );
}
