const preset = require('./jest.preset.js');

/** The unit tests beside the source: no build, no server. */
module.exports = {
  ...preset,
  testEnvironment: 'node',
  maxWorkers: '100%',
  testMatch: ['<rootDir>/{apps,libs}/*/src/**/*.spec.ts'],
};
