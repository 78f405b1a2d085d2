/** Runs every project's tests in one go. */
module.exports = {
  // In a run of several projects, Jest ignores these settings of the projects.
  filter: require.resolve('./libs/testing/jest-filter-slow.cjs'),
  // Other suites may keep both cores busy.
  testTimeout: 30_000,
  maxWorkers: '100%',
  projects: ['<rootDir>/apps/*/jest.config.cjs', '<rootDir>/libs/*/jest.config.cjs'],
};
