import type { ReactNode } from "react";
import { Dialog as Aria, Heading, Modal, ModalOverlay } from "react-aria-components";
import styles from "./dialog.module.css";

interface Props {
  title: string;
  isOpen: boolean;
  onClose(): void;
  children: ReactNode;
  /** `side`: a panel at the edge that shows one thing in full. */
  kind?: "middle" | "side";
  /** An alert: closed by its buttons alone. */
  isAlert?: boolean;
}

/** A dialog that takes the focus, gives it back, and closes by Escape. */
export function Dialog({ title, isOpen, onClose, children, kind = "middle", isAlert = false }: Props) {
  return (
    <ModalOverlay
      isOpen={isOpen}
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      isDismissable={!isAlert}
      className={`${styles["veil"]} ${styles[kind]}`}
    >
      <Modal className={styles["modal"]!}>
        <Aria role={isAlert ? "alertdialog" : "dialog"} className={styles["dialog"]!}>
          <Heading slot="title" level={2}>
            {title}
          </Heading>
          {children}
        </Aria>
      </Modal>
    </ModalOverlay>
  );
}

/** The buttons at the foot of a dialog. */
export function Choices({ children }: { children: ReactNode }) {
  return <div className={styles["choices"]}>{children}</div>;
}
