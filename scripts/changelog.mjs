/** How a changeset becomes a line of a changelog: as it was written, without the hash of its commit. */
export default {
  async getReleaseLine({ summary }) {
    const [first = "", ...rest] = summary.trim().split("\n");
    return [`- ${first}`, ...rest.map((line) => `  ${line}`.trimEnd())].join("\n");
  },

  // All packages share one version: that the others changed too needs no line.
  async getDependencyReleaseLine() {
    return "";
  },
};
