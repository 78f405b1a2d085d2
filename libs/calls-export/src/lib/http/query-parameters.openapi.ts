/** Examples of an optional parameter. Swagger UI prefills the first one, so that one is empty. */
export function optionalExamples(summary: string, value: unknown) {
  return { none: { summary: 'Not set' }, given: { summary, value } };
}

/** Describes a query parameter that limits when calls started. */
export function dateParameter(name: string, meaning: string) {
  return {
    name,
    required: false,
    schema: { type: 'string' },
    examples: {
      none: { summary: 'Not set', value: '' },
      day: { summary: 'A date', value: '2023-10-30' },
      second: { summary: 'A date-time with an offset', value: '2023-10-30T10:05:00+02:00' },
    },
    description:
      `${meaning}: a date (\`YYYY-MM-DD\`), or a date-time to the minute, second or fraction of a second ` +
      '(ISO 8601 or RFC 3339). Without `Z` or an offset, it is in `timezone`, by default UTC. ' +
      'A date includes the entire day, a minute the entire minute. Calls that have not started match no ' +
      'date filter.',
  };
}

/** The query parameter `timezone`. */
export const TIME_ZONE_PARAMETER = {
  name: 'timezone',
  required: false,
  schema: { type: 'string' },
  examples: {
    none: { summary: 'Not set: UTC', value: '' },
    zone: { summary: 'A time zone', value: 'Europe/Berlin' },
  },
  description:
    'The IANA name of the time zone for the times in the file, and for dates without an offset. ' +
    'Default `UTC`. For an ambiguous local time, `date_from` means its first occurrence and `date_to` its ' +
    'second. For a skipped local time, both mean the instant at which the clock jumps.',
};
