/** The store's clock: days and hours are written as it shows them, wherever the page is read. */

const zone = document.documentElement.dataset["zone"];

/** For `Intl.DateTimeFormat`; a page that was not told whose clock it is goes by the browser's. */
export const onStoresClock: Intl.DateTimeFormatOptions = zone ? { timeZone: zone } : {};

const calendar = new Intl.DateTimeFormat("en-CA", { ...onStoresClock, year: "numeric", month: "2-digit", day: "2-digit" });
const time = new Intl.DateTimeFormat("en-GB", { ...onStoresClock, timeStyle: "medium" });

/** Return the day of the store's calendar at a moment, as `<input type="date">` writes it. */
export const dayOf = (at: Date): string => calendar.format(at);

/** Whether the store's clock shows the beginning of a day. */
export const isMidnight = (at: Date): boolean => time.format(at) === "00:00:00";

/** Return the last moment before an end, which belongs to what ends there. */
export const lastOf = (end: Date): Date => new Date(end.getTime() - 1);
