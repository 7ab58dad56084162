/** The frame of every page: name of the shop, language, one main part, the honest line at the foot. */

import "../lib/tokens.css";
import "../lib/base.css";
import "./parts.css";
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import icon from "../icon.svg";
import { LanguageSwitch } from "../lib/language_switch.tsx";
import { locale, t, words } from "./words.ts";

export interface ShellProps {
  /** Name of the tab; the first heading is the page's own. */
  title: string;
  /** Shown before the title of the tab, for example "(2) ". */
  badge?: string;
  /** Wide pages use the whole desk, others keep to a column. */
  wide?: boolean;
  tools?: ComponentChildren;
  children: ComponentChildren;
}

export function Shell({ title, badge = "", wide = false, tools, children }: ShellProps) {
  useEffect(() => {
    document.title = `${badge}${title} · ${t("shop.name")}`;
  }, [badge, title]);
  return (
    <div class={wide ? "shell wide" : "shell"}>
      <a class="skip" href="#main">
        {t("skip.content")}
      </a>
      <header>
        <a class="brand" href="/" aria-label={`${t("shop.name")}: ${t("nav.home")}`}>
          <img src={icon} alt="" width="32" height="32" />
          <span>{t("shop.name")}</span>
        </a>
        <LanguageSwitch locale={locale.value} onChoose={words.choose} label={t("lang.label")} />
        {tools && <div class="tools">{tools}</div>}
      </header>
      <main id="main" tabIndex={-1}>
        {children}
      </main>
      <footer>
        <p>
          {/* Chinese sentences stand side by side without a space. */}
          {t("shop.demo_prices")}
          {locale.value === "zh" ? "" : " "}
          {t("shop.sandbox")}
        </p>
      </footer>
    </div>
  );
}
