/** Pages of the desk whose buttons copy what stands beside them. */

import { listenToCopyButtons } from "../parts/copy.js";

listenToCopyButtons();
