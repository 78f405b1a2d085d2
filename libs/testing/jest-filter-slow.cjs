const { filterFiles } = require('./jest-filter.cjs');

/** Also leaves out the files that begin with `// @slow`, unless `npm run test:all` has set `SLOW_TESTS`. */
module.exports = (paths) =>
  filterFiles(paths, (comment) =>
    /^\/\/ @slow/m.test(comment) && !process.env.SLOW_TESTS
      ? 'slow, so only npm run test:all runs it'
      : undefined,
  );
