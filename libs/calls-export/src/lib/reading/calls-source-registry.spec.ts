import { DataSource } from 'typeorm';
import type { IdRule } from '../entities/calls-entities';
import type { ExportColumn, Views } from '../model/export-column';
import type { CallsSource } from './calls-source';
import { CallsSourceRegistry } from './calls-source-registry';

const INTEGERS: IdRule = { form: 'integer', min: 0n, max: 9n };
const UUIDS: IdRule = { form: 'uuid', min: 0n, max: 0n };
const ANY_TEXT: IdRule = { form: 'text', min: 0n, max: 0n };
const VIEWS: Views<ExportColumn> = new Map([['default', []]]);

const dataSource = () => new DataSource({ type: 'postgres' });

/** A function that opens sources, and the DataSources it was called with. */
function opener() {
  const opened: DataSource[] = [];
  const open = (each: DataSource) => {
    opened.push(each);
    return { views: VIEWS, assistantIds: INTEGERS, callIds: UUIDS } as CallsSource;
  };
  return { open, opened };
}

describe('The registry of an app with one DataSource', () => {
  it('opens its source at once, and only once', () => {
    const { open, opened } = opener();
    const only = dataSource();
    const sources = new CallsSourceRegistry(open, true, only);
    expect(opened).toEqual([only]);
    expect(sources.only).toBe(only);
    expect(sources.of()).toBe(sources.of(only));
    expect(opened).toHaveLength(1);
  });

  it('returns the views and id rules of the source', () => {
    const sources = new CallsSourceRegistry(opener().open, true, dataSource());
    expect(sources.views).toBe(VIEWS);
    expect(sources.assistantIds).toBe(INTEGERS);
    expect(sources.callIds).toBe(UUIDS);
  });

  it('rejects another DataSource', () => {
    const { open, opened } = opener();
    const sources = new CallsSourceRegistry(open, true, dataSource());
    expect(() => sources.of(dataSource())).toThrow(
      new TypeError("Exports read from the app's own DataSource: leave dataSource out"),
    );
    expect(opened).toHaveLength(1);
  });
});

describe('The registry of an app whose exports name their DataSource', () => {
  it('opens a source on the first export of each DataSource, and calls the listener', () => {
    const { open, opened } = opener();
    const sources = new CallsSourceRegistry(open, true);
    expect(opened).toEqual([]);
    const [one, other] = [dataSource(), dataSource()];
    const first = sources.of(one);
    const told: CallsSource[] = [];
    sources.onOpen((source) => told.push(source));
    expect(sources.of(one)).toBe(first);
    expect(told).toEqual([]);
    const second = sources.of(other);
    expect(second).not.toBe(first);
    expect(sources.of(other)).toBe(second);
    expect(told).toEqual([second]);
    expect(told[0]).toBe(second);
    expect(opened).toHaveLength(2);
  });

  it('has no views, and accepts any text as an id', () => {
    const sources = new CallsSourceRegistry(opener().open, true);
    expect(sources.only).toBeUndefined();
    expect(sources.views).toBeUndefined();
    expect(sources.assistantIds).toEqual(ANY_TEXT);
    expect(sources.callIds).toEqual(ANY_TEXT);
    expect(new CallsSourceRegistry(opener().open, false).assistantIds).toBeUndefined();
  });

  it.each([undefined, null, {}, 'postgres'])(
    'rejects an export without a DataSource: %j',
    (none) => {
      const { open, opened } = opener();
      expect(() => new CallsSourceRegistry(open, true).of(none as unknown as DataSource)).toThrow(
        new TypeError('dataSource is missing: pass the DataSource that has the calls'),
      );
      expect(opened).toEqual([]);
    },
  );

  it('tries again to open a source that failed to open', () => {
    let tries = 0;
    const failure = new Error('no entity Call');
    const sources = new CallsSourceRegistry(() => {
      if (++tries === 1) throw failure;
      return {} as CallsSource;
    }, true);
    const one = dataSource();
    expect(() => sources.of(one)).toThrow(failure);
    expect(sources.of(one)).toBe(sources.of(one));
    expect(tries).toBe(2);
  });
});
