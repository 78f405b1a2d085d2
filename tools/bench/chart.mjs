/** Draws the chart of the README: seconds per export, one bar for each way and format. */
import { millions } from './report.mjs';
import { API } from './ways.mjs';

const WIDTH = 760;
const LABEL_WIDTH = 236;
const VALUE_WIDTH = 64;
const BAR_HEIGHT = 18;
const BAR_GAP = 3;
const GROUP_GAP = 14;
const TOP = 58;
const FORMATS = ['csv', 'json'];

/** Legible on light and dark pages; the system's font needs no download. */
const STYLE = `
    text { font: 13px system-ui, -apple-system, 'Segoe UI', sans-serif; fill: #1f2328; }
    .title { font-weight: 600; font-size: 15px; }
    .ours { font-weight: 600; }
    .csv { fill: #0969da; }
    .json { fill: #8250df; }
    .others .csv, .others .json { opacity: 0.55; }
    @media (prefers-color-scheme: dark) {
      text { fill: #e6edf3; }
      .csv { fill: #58a6ff; }
      .json { fill: #bc8cff; }
    }`;

/** @returns an SVG document. */
export function chart({ rows, ways }) {
  const shown = ways.filter(
    ({ name, csv, json }) => csv && json && (name === API || !name.startsWith(API)),
  );
  const longest = Math.max(...shown.flatMap(({ csv, json }) => [csv.seconds, json.seconds]));
  const scale = (WIDTH - LABEL_WIDTH - VALUE_WIDTH) / longest;
  const groupHeight = FORMATS.length * (BAR_HEIGHT + BAR_GAP) + GROUP_GAP;
  const groups = shown.map((way, index) => group(way, TOP + index * groupHeight, scale));
  const height = TOP + shown.length * groupHeight;
  const title = `Seconds to export ${millions(rows)} calls (less is better)`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="${title}">
  <style>${STYLE}
  </style>
  <text class="title" x="0" y="18">${title}</text>
  <rect class="csv" x="${LABEL_WIDTH}" y="30" width="12" height="12"/>
  <text x="${LABEL_WIDTH + 18}" y="41">CSV</text>
  <rect class="json" x="${LABEL_WIDTH + 66}" y="30" width="12" height="12"/>
  <text x="${LABEL_WIDTH + 84}" y="41">JSON</text>
${groups.join('\n')}
</svg>
`;
}

function group(way, top, scale) {
  const isOurs = way.name === API;
  const label = escapeXml(way.name.replaceAll('`', ''));
  const middle = top + BAR_HEIGHT + BAR_GAP / 2 + 4.5;
  const bars = FORMATS.map((format, index) => {
    const y = top + index * (BAR_HEIGHT + BAR_GAP);
    const { seconds } = way[format];
    const width = Math.max(1, seconds * scale).toFixed(1);
    const end = (LABEL_WIDTH + seconds * scale + 6).toFixed(1);
    return `    <rect class="${format}" x="${LABEL_WIDTH}" y="${y}" width="${width}" height="${BAR_HEIGHT}"/>
    <text x="${end}" y="${y + 13.5}">${seconds.toFixed(1)} s</text>`;
  });
  return `  <g class="${isOurs ? 'ours' : 'others'}">
    <text${isOurs ? ' class="ours"' : ''} x="${LABEL_WIDTH - 10}" y="${middle}" text-anchor="end">${label}</text>
${bars.join('\n')}
  </g>`;
}

function escapeXml(text) {
  return text.replace(/[<>&"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
