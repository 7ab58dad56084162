/** What only the page of a counter's code says, beside the words of all pages. */

import en from "../messages/pay/en.json";
import fr from "../messages/pay/fr.json";
import zh from "../messages/pay/zh.json";
import { words } from "../parts/words.ts";

export const { t, find } = words.with({ fr, en, zh });
