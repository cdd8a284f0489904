/** axe-core over the page as it stands, by every rule of WCAG 2.2 A and AA and axe's own best practices. */
import assert from "node:assert/strict";
import { AxeBuilder } from "@axe-core/playwright";

/** Fails with the rule, the elements and the reason of every violation, in the whole page or `within` a part of it. */
export async function accessible(page, when, within = "html") {
  // Colours are judged as they come to rest, not in the middle of a fade.
  await page.evaluate(() =>
    Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => {}))),
  );
  const { violations } = await new AxeBuilder({ page })
    // The page has no frames: nothing is gained from the page of its own in which axe would join what it finds in each.
    .setLegacyMode()
    .include(within)
    .withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"])
    .analyze();
  const found = violations.flatMap(({ id, nodes }) =>
    nodes.map((node) => `${id}: ${node.target.join(" ")}: ${node.failureSummary}`),
  );
  assert.deepEqual(found, [], `axe, ${when}`);
}
