/** Cut a text/event-stream into events (HTML standard, section 9.2.6), as far as whole events have arrived. */

export interface SseEvent {
  id: string | null;
  event: string;
  data: string;
}

export interface Cut {
  events: SseEvent[];
  /** What is not yet a whole event; put it before the next piece. */
  rest: string;
}

export function cut(text: string): Cut {
  // A lone \r at the very end may be half of \r\n: it stays in the rest.
  const held = text.endsWith("\r") ? "\r" : "";
  const blocks = text.slice(0, text.length - held.length).replace(/\r\n?/g, "\n").split("\n\n");
  const rest = (blocks.pop() ?? "") + held;
  const events = blocks.map(parse).filter((event): event is SseEvent => event !== null);
  return { events, rest };
}

function parse(block: string): SseEvent | null {
  let id: string | null = null;
  let event = "message";
  const data: string[] = [];
  for (const line of block.split("\n")) {
    const colon = line.indexOf(":");
    if (colon === 0) continue; // a comment keeps the line open
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (name === "id") id = value;
    else if (name === "event") event = value;
    else if (name === "data") data.push(value);
  }
  return data.length === 0 ? null : { id, event, data: data.join("\n") };
}
