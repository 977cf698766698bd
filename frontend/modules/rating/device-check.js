/** Whether a study may be judged here: its rules about window, pixels and browser, now. */

import { find, findAll } from "../parts/find.js";
import { text } from "../parts/texts.js";

/**
 * What a study asks of a device, in CSS pixels; 0 asks for nothing. The server has looked at the
 * browser's name already.
 * @typedef {object} DeviceRules
 * @property {number} leastWidth
 * @property {number} leastHeight
 * @property {number} leastPixelRatio
 * @property {boolean} phones
 * @property {number} phoneBelow a phone is what has a screen whose shorter side is below this
 * @property {boolean} browserFits
 */

/** Browsers tell the ratio as they compute it, such as 1.0999999 at 110 %. */
const NEAR = 0.005;

/**
 * Return the names of the rules that the device breaks now.
 * @param {DeviceRules} rules
 * @returns {string[]}
 */
export function brokenRules(rules) {
  const { innerWidth, innerHeight, devicePixelRatio, screen } = window;
  const isPhone = Math.min(screen.width, screen.height) < rules.phoneBelow;
  const broken = {
    phone: !rules.phones && isPhone,
    width: innerWidth < rules.leastWidth,
    height: innerHeight < rules.leastHeight,
    "pixel-ratio": devicePixelRatio < rules.leastPixelRatio - NEAR,
    browser: !rules.browserFits,
  };
  return Object.entries(broken).flatMap(([name, isBroken]) => (isBroken ? [name] : []));
}

/**
 * Say on the page what fits and what does not, wherever the rules stand.
 * @param {DeviceRules | null} rules null where the study has none
 * @returns {boolean} whether the device fits
 */
export function sayDevice(rules) {
  if (!rules) return true;
  const broken = brokenRules(rules);
  for (const line of findAll("[data-device]")) {
    const isBroken = broken.includes(line.dataset.device ?? "");
    line.toggleAttribute("data-broken", isBroken);
    find("[data-mend]", line).hidden = !isBroken;
  }
  find("#begin").toggleAttribute("data-unfit", broken.length > 0);
  const verdict = find("#device-verdict");
  const words = text(broken.length ? "device_bad" : "device_good", { n: broken.length });
  if (verdict.textContent !== words) verdict.textContent = words;
  return broken.length === 0;
}
