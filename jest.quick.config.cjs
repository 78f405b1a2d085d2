// Nx's resolver loads TypeScript, to find the libraries of the workspace, which units don't import.
const { resolver: _, ...preset } = require('./jest.preset.js');

/** The unit tests beside the source: no build, no server. */
module.exports = {
  ...preset,
  testEnvironment: 'node',
  maxWorkers: '100%',
  testMatch: ['<rootDir>/{apps,libs}/*/src/**/*.spec.ts'],
};
