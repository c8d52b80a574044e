// One row of the list: a model, its stakes, what is in production, and what must not be overlooked.

import { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { IModelRow } from './tokens';

const PRODUCTION = 'production';

export function Row({ model, trans }: { model: IModelRow; trans: TranslationBundle }): JSX.Element {
  const production = model.aliases[PRODUCTION];
  return (
    <li className="nbm-Row">
      <div className="nbm-Row-line">
        <span className="nbm-Row-name" title={model.name}>
          {model.name}
        </span>
        <span className="nbm-Stakes">{trans.__('%1 stakes', model.stakes)}</span>
      </div>
      <div className="nbm-Row-line nbm-Row-facts">
        <span className={production === undefined ? '' : 'nbm-Production'}>
          {production === undefined
            ? trans.__('nothing in production')
            : trans.__('production: @%1', production)}
        </span>
        <span>{model.latest > 0 && trans.__('latest: @%1', model.latest)}</span>
      </div>
      {model.alerts.map(alert => (
        <div key={alert} className="nbm-Row-alert">
          ✗ {alert}
        </div>
      ))}
    </li>
  );
}
