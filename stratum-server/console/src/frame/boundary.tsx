import { Component, type ReactNode } from "react";
import { Button } from "~/parts/button";
import { Room } from "~/parts/room";

/** Keeps the house standing when a room breaks, or cannot be loaded because a newer version was deployed meanwhile. */
export class Boundary extends Component<{ children: ReactNode }, { isBroken: boolean }> {
  override state = { isBroken: false };

  static getDerivedStateFromError() {
    return { isBroken: true };
  }

  override render() {
    if (!this.state.isBroken) return this.props.children;
    return (
      <Room title="This room could not be shown" lead="It broke, or a newer version of the console was deployed since you opened the page. Nothing that you did on the server is lost.">
        <Button look="main" onPress={() => location.reload()}>
          Reload the page
        </Button>
      </Room>
    );
  }
}
