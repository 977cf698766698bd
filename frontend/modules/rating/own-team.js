/** The team that a rater says they are a member of, where the study asks. */

/**
 * Return what the request to begin says of it: nothing where nobody asks, or it is none.
 * @returns {{ team?: string }}
 */
export function ownTeam() {
  const choice = document.querySelector("#own-team");
  return choice instanceof HTMLSelectElement && choice.value ? { team: choice.value } : {};
}
