/** The live picture and what is read in it. The pictures stay on the phone: only digits leave it. */

import { useEffect, useRef, useState } from "preact/hooks";
import { Accepter, type Read } from "./accept.ts";
import { openEye, type Eye } from "./eye.ts";
import { t, type Key } from "./words.ts";

type State = "starting" | "live" | "refused" | "missing" | "blind";

const FAILED_LOOKS = 10; // in a row: one alone is a picture that was not there yet
const REST_MS = 40; // between two looks: a phone that is warm reads no better
const WORDS: Record<State, Key | null> = {
  starting: "go.camera_starting",
  live: null,
  refused: "go.camera_refused",
  missing: "go.camera_missing",
  blind: "go.camera_blind",
};

/** A torch is a matter of the track; TypeScript does not know it yet. */
type Torch = MediaTrackCapabilities & { torch?: boolean };

export function Camera({ onRead }: { onRead: (read: Read) => void }) {
  const picture = useRef<HTMLVideoElement>(null);
  const [state, setState] = useState<State>("starting");
  const [turn, setTurn] = useState(0);
  const [track, setTrack] = useState<MediaStreamTrack | null>(null);
  const [isLit, setLit] = useState(false);
  useEffect(() => {
    const video = picture.current!;
    let eye: Eye | null = null;
    let stream: MediaStream | null = null;
    let over = false;
    const stop = (): void => {
      over = true;
      stream?.getTracks().forEach((one) => one.stop());
      eye?.close();
    };
    const begin = async (): Promise<void> => {
      setState("starting");
      if (navigator.mediaDevices === undefined) return setState("missing"); // no secure page, so no camera
      try {
        const wish = { facingMode: "environment", width: { ideal: 1280 }, height: { ideal: 720 } };
        stream = await navigator.mediaDevices.getUserMedia({ video: wish, audio: false });
      } catch (error) {
        return setState(error instanceof DOMException && error.name === "NotAllowedError" ? "refused" : "missing");
      }
      if (over) return stop();
      const [first] = stream.getVideoTracks();
      first!.addEventListener("ended", () => !over && setState("missing"));
      setTrack((first!.getCapabilities?.() as Torch | undefined)?.torch ? first! : null);
      video.srcObject = stream;
      await video.play();
      eye = await openEye();
      setState("live");
      await watch(video, eye);
    };
    const watch = async (video: HTMLVideoElement, eye: Eye): Promise<void> => {
      const accepter = new Accepter();
      let failed = 0;
      while (!over) {
        // A page that nobody looks at looks at nothing.
        if (!document.hidden && video.videoWidth > 0) {
          const reads = await eye.look(video).catch((error: unknown) => {
            if (++failed >= FAILED_LOOKS) throw error;
            return null;
          });
          if (reads !== null) failed = 0;
          if (!over && reads !== null) accepter.offer(reads, performance.now()).forEach(onRead);
        }
        await new Promise((resolve) => setTimeout(resolve, REST_MS));
      }
    };
    begin().catch(() => !over && setState("blind"));
    return stop;
  }, [turn]);
  const light = (): void => {
    void track?.applyConstraints({ advanced: [{ torch: !isLit } as MediaTrackConstraintSet] }).then(() => setLit(!isLit));
  };
  const words = WORDS[state];
  return (
    <div class="camera" data-state={state}>
      <video ref={picture} muted playsInline aria-label={t("go.camera")} />
      {state === "live" && <span class="frame" aria-hidden="true" />}
      {words !== null && (
        <div class="over" role="status">
          <p>{t(words)}</p>
          {state !== "starting" && (
            <button type="button" onClick={() => setTurn((before) => before + 1)}>
              {t("go.camera_again")}
            </button>
          )}
        </div>
      )}
      {state === "live" && track !== null && (
        <button type="button" class="torch" aria-pressed={isLit} onClick={light}>
          {t("go.torch")}
        </button>
      )}
    </div>
  );
}
