import { Suspense } from "react";
import { RouterProvider } from "react-aria-components";
import { Navigate, NavLink, Route, Routes, useHref, useLocation, useNavigate } from "react-router";
import { StoppedBanner } from "~/autopilot/kill-switch";
import { Room } from "~/parts/room";
import { Loading } from "~/parts/states";
import { useSession } from "~/session/session";
import { Boundary } from "./boundary";
import styles from "./house.module.css";
import { LiveSign } from "./live-sign";
import { PersonMenu } from "./person";
import { Icon, ROOMS } from "./rooms";

/** What stands around every room: the way to the others, the state of the stream, the person. */
export function House() {
  const navigate = useNavigate();
  const { tenant } = useSession();
  const room = useLocation().pathname.split("/")[1];
  return (
    <RouterProvider navigate={(to) => void navigate(to)} useHref={useHref}>
      <a className={styles["leap"]} href="#room">
        Skip to the room
      </a>
      <div className={styles["house"]}>
        <header className={styles["top"]}>
          <span className={styles["brand"]}>
            <img src="/favicon.svg" alt="" width="28" height="28" />
            Stratum
          </span>
          <span className={styles["tenant"]}>{tenant.name}</span>
          <span className={styles["space"]} />
          <LiveSign />
          <PersonMenu />
        </header>
        <nav aria-label="Rooms" className={styles["rooms"]}>
          {ROOMS.map(({ path, name, icon }) => (
            <NavLink key={path} to={path} className={({ isActive }) => `${styles["way"]} ${isActive ? styles["here"] : ""}`}>
              <Icon>{icon}</Icon>
              {name}
            </NavLink>
          ))}
        </nav>
        <main id="room" className={styles["room"]} tabIndex={-1}>
          <StoppedBanner />
          {/* By room, so that the way to the others stays open. */}
          <Boundary key={room}>
            <Suspense fallback={<Loading what="the room" />}>
              <Routes>
                <Route path="/" element={<Navigate to="/actions" replace />} />
                {ROOMS.map(({ path, Room }) => (
                  <Route key={path} path={`${path}/*`} element={<Room />} />
                ))}
                <Route path="*" element={<NoSuchRoom />} />
              </Routes>
            </Suspense>
          </Boundary>
        </main>
      </div>
    </RouterProvider>
  );
}

function NoSuchRoom() {
  return (
    <Room title="There is no such room" lead="The address may be mistyped, or the room may have moved.">
      <p>
        <NavLink to="/actions">Go to the actions</NavLink>
      </p>
    </Room>
  );
}
