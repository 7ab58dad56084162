/** What only the sign says, beside the words of all pages. */

import en from "../messages/sign/en.json";
import fr from "../messages/sign/fr.json";
import zh from "../messages/sign/zh.json";
import { words } from "../parts/words.ts";

/** The paper says it in every language at once. */
export const EACH = { fr, en, zh };
export const { t } = words.with(EACH);
