/**
 * Lend this browser's camera to the kiosk process, where its settings say `browser`.
 *
 * The permission is asked for only when the process says `lend`, and the camera goes dark as soon as it no longer does.
 */

import { effect, signal } from "@preact/signals";
import type { Camera } from "./screen.ts";
import { screen } from "./state.ts";

export type Role = Camera["role"];
export type Lent = { state: "asking" } | { state: "refused" } | { state: "open"; video: HTMLVideoElement };

export const lent = signal<Partial<Record<Role, Lent>>>({});

// Bars need detail, a face needs less; 12 pictures a second are what the decoders use up (1.3 MB/s at most).
const SIZE: Record<Role, { width: number; height: number }> = {
  scan: { width: 1280, height: 720 },
  face: { width: 640, height: 480 },
};
const PICTURES_PER_SECOND = 12;
const JPEG_QUALITY = 0.8;
const MOST_WAITING_BYTES = 256 * 1024; // beyond it a picture is skipped: an old one is of no use

const endings = new Map<Role, () => void>();

export function lendWhenAsked(): void {
  effect(() => {
    const wanted = new Set(screen.value?.cameras.filter((camera) => camera.lend).map((camera) => camera.role));
    for (const role of ["scan", "face"] as const) {
      if (wanted.has(role) && !endings.has(role)) endings.set(role, lend(role));
      if (!wanted.has(role) && endings.has(role)) {
        endings.get(role)?.();
        endings.delete(role);
        tell(role, undefined);
      }
    }
  });
}

/** Open the camera and send its pictures until told to stop. Returns what stops it. */
function lend(role: Role): () => void {
  let over = false;
  let stream: MediaStream | null = null;
  let socket: WebSocket | null = null;
  let timer = 0;

  const stop = (): void => {
    over = true;
    window.clearInterval(timer);
    socket?.close();
    close(stream);
  };

  const begin = async (): Promise<void> => {
    tell(role, { state: "asking" });
    const video = document.createElement("video");
    video.muted = true;
    video.playsInline = true;
    const refused = (): void => {
      if (over) return;
      stop();
      tell(role, { state: "refused" });
    };
    try {
      const facing = role === "face" ? "user" : "environment";
      stream = await navigator.mediaDevices.getUserMedia({ audio: false, video: { ...SIZE[role], facingMode: facing } });
      // Unplugged, or the permission was withdrawn: its last picture must not pass for what lies there.
      for (const track of stream.getTracks()) track.onended = refused;
      video.srcObject = stream;
      if (!over) await video.play();
    } catch {
      // Refused, or no camera, or a page without TLS: for the shopper it is one and the same, type the code.
      refused();
    }
    if (over) {
      close(stream); // asked for, and no longer wanted when it came
      return;
    }
    tell(role, { state: "open", video });
    socket = new WebSocket(socketUrl(role));
    timer = window.setInterval(() => send(video, socket), 1000 / PICTURES_PER_SECOND);
  };

  const canvas = document.createElement("canvas");
  const send = (video: HTMLVideoElement, to: WebSocket | null): void => {
    if (to?.readyState === WebSocket.CLOSED && !over) {
      socket = new WebSocket(socketUrl(role));
      return;
    }
    if (to?.readyState !== WebSocket.OPEN || to.bufferedAmount > MOST_WAITING_BYTES || video.videoWidth === 0) return;
    canvas.width = Math.min(video.videoWidth, SIZE[role].width);
    canvas.height = Math.round((canvas.width * video.videoHeight) / video.videoWidth);
    canvas.getContext("2d")?.drawImage(video, 0, 0, canvas.width, canvas.height);
    canvas.toBlob((blob) => blob && to.readyState === WebSocket.OPEN && to.send(blob), "image/jpeg", JPEG_QUALITY);
  };

  void begin();
  return stop;
}

function close(stream: MediaStream | null): void {
  for (const track of stream?.getTracks() ?? []) track.stop();
}

function tell(role: Role, state: Lent | undefined): void {
  const { [role]: _before, ...others } = lent.peek();
  lent.value = state === undefined ? others : { ...others, [role]: state };
}

function socketUrl(role: Role): string {
  return `${location.origin.replace(/^http/, "ws")}/cameras/${role}/frames`;
}
