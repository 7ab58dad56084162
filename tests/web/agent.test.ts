import assert from "node:assert/strict";
import { test } from "node:test";
import { agentWords } from "../../server/web/parts/agent.ts";

test("a browser and its system are named as people know them", () => {
  const chrome = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36";
  assert.equal(agentWords(chrome), "Chrome, Linux");
  assert.equal(agentWords(chrome.replace("X11; Linux x86_64", "Windows NT 10.0") + " Edg/126.0"), "Edge, Windows");
  assert.equal(agentWords("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Version/17.0 Safari/604.1"), "Safari, iPhone");
  assert.equal(agentWords("curl/8.5.0"), "curl");
  assert.equal(agentWords(""), "");
});
