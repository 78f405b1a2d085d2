import { Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { reasonOf } from '../model/export-errors';
import type { CallsSource } from './calls-source';
import type { CallsSourceRegistry } from './calls-source-registry';

/** Warns of indexes that walks go along and the table of calls does not have: without them each page reads the account, or the table. */
export class IndexCheck implements OnApplicationBootstrap {
  private readonly logger = new Logger(IndexCheck.name);

  constructor(private readonly sources: CallsSourceRegistry) {
    // Those that requests choose are looked at when the first export opens one, which does not wait for it.
    sources.onOpen((source) => void this.check(source));
  }

  /** Looks at the one of the app. */
  async onApplicationBootstrap(): Promise<void> {
    const { only } = this.sources;
    if (only) await this.check(this.sources.of(only));
  }

  /** Never fails: an app that can't look at its catalog exports all the same. */
  private async check(source: CallsSource): Promise<void> {
    try {
      const warning = await source.missingIndexes();
      if (warning !== undefined) this.logger.warn(warning);
    } catch (error) {
      this.logger.debug(`The indexes of calls can't be looked at: ${reasonOf(error)}`);
    }
  }
}
