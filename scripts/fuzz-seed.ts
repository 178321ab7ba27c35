// A run that decides on a change must tell of the change alone, so its properties try the same cases each time; any other run
// tries new ones.
if (process.env.CI !== undefined) {
  const { configureGlobal } = await import("fast-check");
  configureGlobal({ seed: 20_261_121 });
}
