import { Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { reasonOf } from '../model/export-errors';
import type { CallsSource } from './calls-source';
import type { CallsSourceRegistry } from './calls-source-registry';

/** Logs a warning if the table of calls lacks an index that exports scan. */
export class IndexCheck implements OnApplicationBootstrap {
  private readonly logger = new Logger(IndexCheck.name);

  constructor(private readonly sources: CallsSourceRegistry) {
    // A tenant's DataSource is checked when the first export opens it. The export does not wait for the
    // check.
    sources.onOpen((source) => void this.check(source));
  }

  async onApplicationBootstrap(): Promise<void> {
    const { only } = this.sources;
    if (only) await this.check(this.sources.of(only));
  }

  /** Never throws: exports work even if the database's catalog can't be read. */
  private async check(source: CallsSource): Promise<void> {
    try {
      const warning = await source.missingIndexes();
      if (warning !== undefined) this.logger.warn(warning);
    } catch (error) {
      this.logger.debug(`Cannot check the indexes of calls: ${reasonOf(error)}`);
    }
  }
}
