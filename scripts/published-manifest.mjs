/** The condition by which this repository runs from source; what is published holds no source for it to lead to. */
const sourceCondition = "@tacit/source";

export const hooks = {
  beforePacking(manifest) {
    const published = Object.entries(manifest.exports).map(([subpath, target]) => {
      if (typeof target === "string") return [subpath, target];
      const { [sourceCondition]: _source, ...conditions } = target;
      return [subpath, conditions];
    });
    // Only users of the packages read these fields.
    const { devDependencies: _development, ...rest } = manifest;
    return { ...rest, exports: Object.fromEntries(published) };
  },
};
