import assert from "node:assert/strict";
import { test } from "node:test";
import { Accepter, isRight } from "../../server/web/go/accept.ts";
import { adopted } from "../../server/web/go/adopt.ts";
import { estimated, hear, hearShelf, lowerBefore, spending, type Heard } from "../../server/web/go/heard.ts";
import { labelOf, labelPrice } from "../../server/web/go/labels.ts";
import { writeBasket } from "../../server/web/go/carried.ts";
import type { QuoteLine } from "../../server/web/go/trip.ts";

const NOUGAT = { code: "3343001113322", symbology: "ean_13" };
const HONEY = { code: "3038350013804", symbology: "ean_13" };

test("a code is a scan when two looks close together agree on it", () => {
  const eye = new Accepter();
  assert.deepEqual(eye.offer([NOUGAT], 0), []);
  assert.deepEqual(eye.offer([], 100), []);
  assert.deepEqual(eye.offer([NOUGAT], 400), [NOUGAT]);
});

test("a slow phone's next look agrees, one after an empty look does not when it comes late", () => {
  const eye = new Accepter();
  assert.deepEqual([eye.offer([NOUGAT], 0), eye.offer([NOUGAT], 1200)], [[], [NOUGAT]]);
  assert.deepEqual([eye.offer([HONEY], 2000), eye.offer([], 2400), eye.offer([HONEY], 2600)], [[], [], []]);
});

test("nothing is a scan when looks disagree, come too late, or a digit is wrong", () => {
  const eye = new Accepter();
  const looks: [typeof NOUGAT, number][] = [[NOUGAT, 0], [HONEY, 100], [NOUGAT, 200], [HONEY, 2000]]; // prettier-ignore
  const wrong = { code: "3343001113323", symbology: "ean_13" };
  assert.deepEqual(looks.flatMap(([read, at]) => eye.offer([read], at)), []);
  assert.deepEqual([eye.offer([wrong], 3000), eye.offer([wrong], 3100)], [[], []]);
});

test("a pack counts once while it stays, and again when it was gone for a while", () => {
  const eye = new Accepter();
  const scans = [0, 100, 200, 1000, 2000, 2100, 3000, 5000, 5100].flatMap((at) => eye.offer([NOUGAT], at).map(() => at));
  assert.deepEqual(scans, [100, 5100]);
});

test("check digits are those of EAN, UPC-A and UPC-E", () => {
  assert.deepEqual(["96385074", "036000291452", "01234565", "04252614", "3343001113322"].map(isRight), [true, true, true, true, true]);
  assert.deepEqual(["96385075", "04252615", "12345", "4011", "SESAME:C:X"].map(isRight), [false, false, false, false, false]);
});

test("the codes are those that a till reads, written there of the same goods", async () => {
  const few = [{ sku: "nutella", quantity: 2 }, { code: "2112345003504", quantity: 1 }, { code: "0012345678905", quantity: 130 }];
  assert.deepEqual(await writeBasket("demo", few), ["SESAME:H:HPG2G4O5.1.1.BBSGK3LPAYHG45LUMVWGYYIEDMA6XUMS2XYIOAY3AABN7XA4HE.O5W7"]);
  const many = Array.from({ length: 40 }, (_none, place) => ({ code: `30176204${String(place).padStart(5, "0")}`, quantity: place + 1 }));
  assert.deepEqual(await writeBasket("magasin-12", many), [
    "SESAME:H:C7ZFZQ4U.1.2.CRWWCZ3BONUW4LJRGICBWAV6TAYSPAAHDMBL5GBRE6AQUGYCX2MDCJ4CBUNQFPUYGETYGEA3AK7JQMJHQQJRWAV6TAYSPBIWDMBL5GBRE6DBSGYCX2MDCJ4HDQNQFPUYGETYQHY3AK7JQMJHRERBWAV6TAYSPCRFDMBL5GBRE6FSQGYCX2MDCJ4MFMNQFPUYGETY2LQ3AK7JQMJHRYYRWAV6TAYSPDZUDMBL5GBRE6IDOGYCX2MDCJ4RHINQFPUYGETZEPI3AK7JQMJHSNABWAV6TAYSPFCDDMBL5GBRE6KUMGYCX2MDCJ4WJENQFPUY.FB5U",
    "SESAME:H:C7ZFZQ4U.2.2.GETZOTA3AK7JQMJHTBHRWAV6TAYSPGKSDMBL5GBRE6NFKGYCX2MDCJ43LANQFPUYGETZYWY3AK7JQMJHTVPBWAV6TAYSPHTBDMBL5GBRE6PWIGYCX2MDCJ5AM4NQFPUYGET2C2Q3AK7JQMJHUJWRWAV6TAYSPI3QDMBL5GBRE6SHGGYCX2MDCJ5FOYNQFPUYGET2M6I3AK7JQMJHU4.NT7Z",
  ]);
  assert.deepEqual(await writeBasket("demo", Array.from({ length: 400 }, () => ({ code: "3017620422003", quantity: 1 }))), []);
});

function said(line_id: string, more: Partial<QuoteLine> = {}): QuoteLine {
  const priced = { sku: "honey", quantity: 1, weight_g: null, label_price_minor: null, lot: null, issue: null, gross_minor: 1, due_minor: 1 };
  return { line_id, ...priced, ...more } as QuoteLine;
}

test("the phone's lines are the store's when it has merged them", () => {
  const scanned = [{ line_id: "a", code: HONEY.code, quantity: 1 }, { line_id: "b", code: HONEY.code, quantity: 1 }, { line_id: "c", code: "2112345003504", quantity: 1 }]; // prettier-ignore
  const lines = [said("a", { quantity: 2 }), said("a:deposit", { quantity: 2 }), said("c", { weight_g: 350 })];
  assert.deepEqual(adopted(scanned, { lines }), [{ line_id: "a", sku: "honey", quantity: 2 }, scanned[2]]);
});

test("lines stay as they were scanned when codes that say more were merged", () => {
  const scanned = [{ line_id: "a", code: "x", quantity: 1 }, { line_id: "b", code: "x", quantity: 1 }];
  assert.equal(adopted(scanned, { lines: [said("a", { quantity: 2, lot: "L7" })] }), scanned);
});

test("a label of the shop's scale is its product, weight and price by the layouts of the store", () => {
  const layouts = ["22IIIIIPPPPPC", "21IIIIIWWWWWC", "24IIIIVPPPPPC", "29IIIIINNNNNC"];
  const weighed = labelOf("2112345003504", layouts)!;
  assert.deepEqual(weighed, { lookup: "2112345000008", grams: 350, price_minor: null, pieces: null });
  assert.deepEqual([labelPrice(weighed, 250), labelPrice({ ...weighed, grams: null }, 250)], [88, 250]);
  assert.deepEqual(["2212345004208", "2412343146857", "2912345000039"].map((code) => labelPrice(labelOf(code, layouts)!, 100)), [420, 14685, 300]);
  assert.deepEqual(["3343001113322", "2312345003502", "4011"].map((code) => labelOf(code, layouts)), [null, null, null]);
});

const NOW = Date.parse("2026-03-02T10:00:00Z");
const costing = (unit_price_minor: number, more: Partial<QuoteLine> = {}): QuoteLine => said("a", { unit_price_minor, ...more });
const told = (line: QuoteLine, is_member = false): Heard => hear({}, { lines: [line], is_member }, NOW);

test("a price that has risen on this visit is told beside the lower one, and one that fell is not", () => {
  const heard = hear(told(costing(139)), { lines: [costing(149)], is_member: false }, NOW + 60_000);
  assert.deepEqual([139, 149, 120].map((minor) => lowerBefore(costing(minor), false, heard, NOW)), [null, 139, null]);
  assert.equal(lowerBefore(costing(149), false, hear(heard, { lines: [costing(120)], is_member: false }, NOW), NOW), 120);
});

test("a price that members lose by signing out has not risen, one of before they signed in has", () => {
  assert.equal(lowerBefore(costing(149), false, told(costing(129), true), NOW), null);
  assert.equal(lowerBefore(costing(149), true, told(costing(139)), NOW), 139);
});

test("nothing is promised by the prices of another visit or of a label", () => {
  const morning = told(costing(139));
  assert.equal(lowerBefore(costing(149), false, morning, NOW + 5 * 3_600_000), null);
  assert.deepEqual(hear(morning, { lines: [], is_member: false }, NOW + 5 * 3_600_000), {});
  assert.deepEqual(told(costing(139, { label_price_minor: 350 })), {});
});

test("what the phone's own copy of the shelf has shown counts as told", () => {
  const seen = { sku: "honey", name: "Honey", pack: "", unit_price_minor: 139, min_age: null, is_weighed: false, stopped: null };
  assert.equal(lowerBefore(costing(149), false, hearShelf({}, [seen], NOW), NOW), 139);
  assert.deepEqual(hearShelf({}, [{ ...seen, is_label: true }, { ...seen, stopped: "law" }], NOW), {});
});

test("a budget warns in its last tenth, and says by how much it is passed", () => {
  const states = [5399, 5400, 6000, 6001].map((spent) => spending(6000, spent));
  assert.deepEqual(states, [{ state: "within", minor: 601 }, { state: "near", minor: 600 }, { state: "near", minor: 0 }, { state: "over", minor: 1 }]); // prettier-ignore
});

test("a sum is reckoned as far as prices are known", () => {
  const seen = { sku: "b", name: "B", pack: "", unit_price_minor: 50, min_age: null, is_weighed: false, stopped: null };
  const lines = [{ line_id: "a", quantity: 2 }, { line_id: "b", quantity: 3, seen }, { line_id: "c", quantity: 1 }];
  assert.deepEqual(estimated(lines, { lines: [costing(139)] }), { minor: 428, unknown: 1 });
});
