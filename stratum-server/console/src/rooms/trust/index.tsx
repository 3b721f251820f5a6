import { Room } from "~/parts/room";

export default function TrustRoom() {
  return <Room title="Trust">{null}</Room>;
}
