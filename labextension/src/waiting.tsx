// What waits for the person who acts here: requests to answer, emergencies to review, findings, wishes of others.

import { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { IWaiting } from './tokens';

const MOST = 20; // beyond this a list is no longer a glance

interface IProps {
  readonly waiting: readonly IWaiting[];
  readonly trans: TranslationBundle;
}

/** Nothing at all where nothing waits. */
export function NeedsYou({ waiting, trans }: IProps): JSX.Element | null {
  if (waiting.length === 0) {
    return null;
  }
  const hidden = waiting.length - MOST;
  return (
    <section className="nbm-NeedsYou" aria-label={trans.__('Needs you')}>
      <h3 className="nbm-Group-title">{trans.__('Needs you (%1)', waiting.length)}</h3>
      <ul className="nbm-List">
        {waiting.slice(0, MOST).map(one => (
          <Item key={`${one.what} ${one.ref} ${one.alias} ${one.how}`} one={one} trans={trans} />
        ))}
      </ul>
      {hidden > 0 && <p className="nbm-Count">{trans.__('%1 more: nb_mlops.pending()', hidden)}</p>}
    </section>
  );
}

function Item({ one, trans }: { one: IWaiting; trans: TranslationBundle }): JSX.Element {
  return (
    <li
      className={`nbm-Row nbm-Waiting nbm-mod-${one.severity === 'critical' ? 'critical' : 'usual'}`}
    >
      <div className="nbm-Row-line">
        <span className="nbm-Row-name" title={one.ref}>
          {one.ref}
        </span>
        <span className="nbm-Stakes">{named(one, trans)}</span>
      </div>
      <div className="nbm-Waiting-said">
        {one.actor}
        {one.comment && `: ${one.comment}`}
      </div>
      {one.due !== null && (
        <div className="nbm-Row-facts">{trans.__('due %1', one.due.slice(0, 10))}</div>
      )}
      <code className="nbm-Waiting-how">{one.how}</code>
    </li>
  );
}

function named(one: IWaiting, trans: TranslationBundle): string {
  switch (one.what) {
    case 'approval':
      return trans.__('approval for %1', one.alias);
    case 'review':
      return trans.__('review of broken glass');
    case 'note':
      return trans.__('note after a rollback');
    case 'finding':
      return trans.__('open finding');
    case 'stakes':
      return trans.__('lower stakes');
    case 'policy':
      return trans.__('policy that asks less');
    default: // of a newer server
      return one.what;
  }
}
