import { Room } from "~/parts/room";

export default function WhatIfRoom() {
  return <Room title="What-if">{null}</Room>;
}
