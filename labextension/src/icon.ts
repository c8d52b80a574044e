// The sidebar's own icon: three layers, a version on a version on a version.

import { LabIcon } from '@jupyterlab/ui-components';

const LAYERS = `
<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24">
  <g class="jp-icon3 jp-icon-selectable" fill="#616161">
    <path d="M12 2.5 21.5 7.5 12 12.5 2.5 7.5z"/>
    <path d="M5 10.6 2.5 12 12 17 21.5 12 19 10.6 12 14.4z"/>
    <path d="M5 15.1 2.5 16.5 12 21.5 21.5 16.5 19 15.1 12 18.9z"/>
  </g>
</svg>`;

export const layersIcon = new LabIcon({ name: 'nb-mlops:layers', svgstr: LAYERS });
