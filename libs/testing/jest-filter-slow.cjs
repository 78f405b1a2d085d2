const filter = require('./jest-filter.cjs');

/** Leaves out, besides, the files that begin with `// @slow`, unless `SLOW_TESTS` is set: `npm run test:all` sets it. */
module.exports = async (paths) => {
  const isSlow = (path) => /^\/\/ @slow/m.test(filter.beginningOf(path));
  const quick = process.env.SLOW_TESTS ? paths : paths.filter((path) => !isSlow(path));
  if (quick.length < paths.length) {
    console.error(
      `Left out: ${paths.length - quick.length} slow suites, which npm run test:all runs.`,
    );
  }
  return filter(quick);
};
