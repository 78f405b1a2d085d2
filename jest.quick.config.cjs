const preset = require('./jest.preset.js');

/** The unit tests beside the source: no build, no server. */
module.exports = {
  ...preset,
  testTimeout: 5_000,
  testMatch: ['<rootDir>/{apps,libs}/*/src/**/*.spec.ts'],
};
