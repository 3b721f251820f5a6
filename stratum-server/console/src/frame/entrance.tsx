import { BrowserRouter } from "react-router";
import { LiveProvider } from "~/live/live";
import { Button } from "~/parts/button";
import { NoticesProvider } from "~/parts/notices";
import { Loading } from "~/parts/states";
import { useEntrance } from "~/session/session";
import { SignIn } from "~/session/sign-in";
import styles from "./entrance.module.css";
import { House } from "./house";

/** The door: whoever is signed in goes through, keeping the address that they came for. */
export function Entrance() {
  const { state, again } = useEntrance();
  switch (state) {
    case "signed-in":
      return (
        <BrowserRouter>
          <LiveProvider>
            <NoticesProvider>
              <House />
            </NoticesProvider>
          </LiveProvider>
        </BrowserRouter>
      );
    case "signed-out":
      return <SignIn />;
    case "starting":
      return (
        <main className={styles["wait"]}>
          <Loading what="your session" />
        </main>
      );
    case "unreachable":
      return (
        <main className={styles["wait"]}>
          <h1>The server does not answer</h1>
          <p className="soft">You stay signed in. It may be restarting.</p>
          <Button look="main" onPress={again}>
            Try again
          </Button>
        </main>
      );
  }
}
