/** The live picture of one camera on a canvas, with the box of what was found in it. */

import { useEffect, useRef, useState } from "preact/hooks";
import { lent, type Role } from "./lend.ts";
import { look, screen } from "./state.ts";
import { t } from "./words.ts";

const AGAIN_MS = 1000;

export function CameraWindow({ role, children }: { role: Role; children?: preact.ComponentChildren }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [seen, setSeen] = useState(false);
  const camera = screen.value?.cameras.find((one) => one.role === role);
  const ours = lent.value[role];
  const shared = camera?.state === "on" && camera.sees !== "nothing";
  const video = ours?.state === "open" ? ours.video : null;

  useEffect(() => {
    setSeen(false);
    // "Forgotten at once" goes for the glass as well: nothing stays on it when the camera goes dark.
    canvas.current?.getContext("2d")?.clearRect(0, 0, canvas.current.width, canvas.current.height);
    const show = (picture: CanvasImageSource, width: number, height: number): void => {
      if (canvas.current === null || width === 0) return;
      draw(canvas.current, picture, width, height, role);
      setSeen(true);
    };
    if (video !== null) return fromVideo(video, show);
    if (shared) return fromSocket(role, show);
    return undefined;
  }, [role, shared, video]);

  return (
    <div class={`camera ${role}`} data-seen={seen}>
      <canvas ref={canvas} role="img" aria-label={role === "scan" ? t("cameras.view_scan") : t("cameras.view_face")} />
      {!seen && <p class="camera-words">{sentence(role, ours?.state, shared || video !== null, camera?.state)}</p>}
      {children}
    </div>
  );
}

function sentence(role: Role, ours: string | undefined, opening: boolean, state: string | undefined): string {
  if (ours === "asking") return t("cameras.lend_ask");
  if (ours === "refused") return t("cameras.lend_refused");
  if (opening) return t("cameras.opening");
  if (state === "lost") return role === "scan" ? t("notices.camera_lost") : t("cameras.face_lost");
  if (state === "frozen") return role === "scan" ? t("notices.camera_frozen") : t("cameras.face_frozen");
  if (state === "none") return role === "scan" ? t("cameras.scan_none") : t("cameras.face_none");
  return role === "scan" ? t("cameras.scan_dark") : t("cameras.face_dark");
}

type Show = (picture: CanvasImageSource, width: number, height: number) => void;

/** Show the newest JPEG that the kiosk process sends; a picture that comes while one is decoded replaces it. */
function fromSocket(role: Role, show: Show): () => void {
  let over = false;
  let socket: WebSocket | null = null;
  let newest: Blob | null = null;
  let busy = false;
  const next = async (): Promise<void> => {
    if (busy || newest === null || over) return;
    busy = true;
    const blob = newest;
    newest = null;
    try {
      const picture = await createImageBitmap(blob);
      if (!over) show(picture, picture.width, picture.height);
      picture.close();
    } catch {
      // A picture cut short: the next one is 70 ms away.
    }
    busy = false;
    void next();
  };
  const open = (): void => {
    if (over) return;
    socket = new WebSocket(`${location.origin.replace(/^http/, "ws")}/cameras/${role}/preview`);
    socket.onmessage = (message) => {
      newest = message.data as Blob;
      void next();
    };
    socket.onclose = () => window.setTimeout(open, AGAIN_MS);
  };
  open();
  return () => {
    over = true;
    socket?.close();
  };
}

function fromVideo(video: HTMLVideoElement, show: Show): () => void {
  let handle = 0;
  const next = (): void => {
    show(video, video.videoWidth, video.videoHeight);
    handle = video.requestVideoFrameCallback(next);
  };
  handle = video.requestVideoFrameCallback(next);
  return () => video.cancelVideoFrameCallback(handle);
}

function draw(canvas: HTMLCanvasElement, picture: CanvasImageSource, width: number, height: number, role: Role): void {
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  }
  const pen = canvas.getContext("2d");
  if (pen === null) return;
  pen.drawImage(picture, 0, 0, width, height);
  const found = look.peek();
  if (found === null || found.role !== role || found.box === null) return;
  const [left, top, boxWidth, boxHeight] = found.box;
  pen.lineWidth = Math.max(3, width / 160);
  pen.strokeStyle = "#f4b942";
  pen.lineJoin = "round";
  pen.strokeRect(left * width, top * height, boxWidth * width, boxHeight * height);
}
