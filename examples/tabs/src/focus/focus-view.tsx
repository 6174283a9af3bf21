import './focus.css';

export function FocusView() {
  return <h2>Focus</h2>;
}
