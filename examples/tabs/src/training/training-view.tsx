import './training.css';

export function TrainingView() {
  return <h2>Training</h2>;
}
