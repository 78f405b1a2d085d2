import { type DataSource, InstanceChecker } from 'typeorm';
import type { IdRule } from '../entities/calls-entities';
import type { ExportColumn, Views } from '../model/export-column';
import type { CallsSource } from './calls-source';

/** What tenants have is known only when one asks, so their ids are any text. */
const ANY_TEXT: IdRule = { form: 'text', min: 0n, max: 0n };

/** The DataSources that calls are exported from: the one of the app, or one for each tenant. */
export class CallsSourceRegistry {
  private readonly opened = new WeakMap<DataSource, CallsSource>();
  private tell: (source: CallsSource) => void = () => {};

  /**
   * @param open makes the source of a DataSource that has not been exported from yet; what can't be exported it refuses.
   * @param hasAssistants whether there are assistants.
   * @param only the one of the app; undefined if each export names its own.
   */
  constructor(
    private readonly open: (dataSource: DataSource) => CallsSource,
    private readonly hasAssistants: boolean,
    readonly only?: DataSource,
  ) {
    if (only) this.of();
  }

  /** The columns of each view; undefined if each export names its DataSource, which has the entities. */
  get views(): Views<ExportColumn> | undefined {
    return this.only && this.of().views;
  }

  /** What the id of an assistant is; undefined if there are none. */
  get assistantIds(): IdRule | undefined {
    if (this.only) return this.of().assistantIds;
    return this.hasAssistants ? ANY_TEXT : undefined;
  }

  /** What the id of a call is. */
  get callIds(): IdRule {
    return this.only ? this.of().callIds : ANY_TEXT;
  }

  /** Has a listener told of each source that is opened from now on. */
  onOpen(tell: (source: CallsSource) => void): void {
    this.tell = tell;
  }

  /**
   * @param dataSource that is exported from. Default: the one of the app.
   * @throws TypeError if there is none, or another one than that of the app.
   * @throws Error if its calls can't be exported.
   */
  of(dataSource: DataSource | undefined = this.only): CallsSource {
    if (!InstanceChecker.isDataSource(dataSource)) {
      throw new TypeError('An export needs the DataSource that has the calls: none was given');
    }
    if (this.only && dataSource !== this.only) {
      throw new TypeError("Exports are made from the app's own DataSource: leave dataSource out");
    }
    let source = this.opened.get(dataSource);
    if (!source) {
      source = this.open(dataSource);
      this.opened.set(dataSource, source);
      this.tell(source);
    }
    return source;
  }
}
