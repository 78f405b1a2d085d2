const TestEnvironment = require('./jest-environment.cjs');

/**
 * Runs a test file in the time zone of its first comment: `@jest-environment-options {"timeZone":
 * "Asia/Kolkata"}`. A test can't set the time zone itself, because its `process.env` is a copy.
 */
module.exports = class TimeZoneEnvironment extends TestEnvironment {
  constructor(config, context) {
    super(config, context);
    this.timeZone = config.projectConfig.testEnvironmentOptions.timeZone;
    if (!this.timeZone) throw new Error('The environment requires the option timeZone');
  }

  async setup() {
    await super.setup();
    this.zoneBefore = process.env.TZ;
    process.env.TZ = this.timeZone;
  }

  /** Restores the time zone for the next file, which runs in the same process. */
  async teardown() {
    if (this.zoneBefore === undefined) delete process.env.TZ;
    else process.env.TZ = this.zoneBefore;
    await super.teardown();
  }
};
