import { type DataSource, InstanceChecker } from 'typeorm';
import type { IdRule } from '../entities/calls-entities';
import type { ExportColumn, Views } from '../model/export-column';
import type { CallsSource } from './calls-source';

/**
 * With a DataSource per tenant, the id columns are unknown until an export opens one, so any text is
 * accepted.
 */
const ANY_TEXT: IdRule = { form: 'text', min: 0n, max: 0n };

/**
 * Keeps one `CallsSource` per DataSource: a single one for the app, or one per tenant, opened on first use.
 */
export class CallsSourceRegistry {
  private readonly opened = new WeakMap<DataSource, CallsSource>();
  private listener: (source: CallsSource) => void = () => {};

  /**
   * @param open creates the source of a DataSource; throws if its calls can't be exported.
   * @param hasAssistants whether calls have assistants.
   * @param only the app's DataSource; undefined if each export names its own.
   */
  constructor(
    private readonly open: (dataSource: DataSource) => CallsSource,
    private readonly hasAssistants: boolean,
    readonly only?: DataSource,
  ) {
    if (only) this.of();
  }

  /** The columns of each view; undefined if each export names its own DataSource. */
  get views(): Views<ExportColumn> | undefined {
    return this.only && this.of().views;
  }

  /** The rule for valid assistant ids; undefined if there are no assistants. */
  get assistantIds(): IdRule | undefined {
    if (this.only) return this.of().assistantIds;
    return this.hasAssistants ? ANY_TEXT : undefined;
  }

  /** The rule for valid call ids. */
  get callIds(): IdRule {
    return this.only ? this.of().callIds : ANY_TEXT;
  }

  /** Calls the listener with each source that is opened from now on. */
  onOpen(listener: (source: CallsSource) => void): void {
    this.listener = listener;
  }

  /**
   * Returns the source of a DataSource, and opens it on first use.
   *
   * @param dataSource the DataSource to export from. Default: the app's.
   * @throws TypeError if it is missing, or is not the app's DataSource although there is one.
   * @throws Error if its calls can't be exported.
   */
  of(dataSource: DataSource | undefined = this.only): CallsSource {
    if (!InstanceChecker.isDataSource(dataSource)) {
      throw new TypeError('dataSource is missing: pass the DataSource that has the calls');
    }
    if (this.only && dataSource !== this.only) {
      throw new TypeError("Exports read from the app's own DataSource: leave dataSource out");
    }
    let source = this.opened.get(dataSource);
    if (!source) {
      source = this.open(dataSource);
      this.opened.set(dataSource, source);
      this.listener(source);
    }
    return source;
  }
}
