// Nx's resolver is slow to load, and only finds the workspace's libraries, which units don't import.
const { resolver: _, ...preset } = require('./jest.preset.js');

/** Runs the unit tests beside the source, without a build or a server. */
module.exports = {
  ...preset,
  testEnvironment: 'node',
  maxWorkers: '100%',
  testMatch: ['<rootDir>/{apps,libs}/*/src/**/*.spec.ts'],
};
