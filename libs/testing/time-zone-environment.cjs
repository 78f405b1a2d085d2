const TestEnvironment = require('./jest-environment.cjs');

/**
 * Runs a test file in a time zone: `@jest-environment-options {"timeZone": "Asia/Kolkata"}` in its first comment. The zone is the
 * process's, which a test can't set: its `process.env` is a copy.
 */
module.exports = class TimeZoneEnvironment extends TestEnvironment {
  constructor(config, context) {
    super(config, context);
    this.timeZone = config.projectConfig.testEnvironmentOptions.timeZone;
    if (!this.timeZone) throw new Error('The environment needs the option timeZone');
  }

  async setup() {
    await super.setup();
    this.zoneBefore = process.env.TZ;
    process.env.TZ = this.timeZone;
  }

  /** The next file runs in the same process. */
  async teardown() {
    if (this.zoneBefore === undefined) delete process.env.TZ;
    else process.env.TZ = this.zoneBefore;
    await super.teardown();
  }
};
