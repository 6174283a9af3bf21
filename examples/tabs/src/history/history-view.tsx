import './history.css';

export function HistoryView() {
  return <h2>History</h2>;
}
