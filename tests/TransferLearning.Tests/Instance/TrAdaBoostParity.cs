using TransferLearning.Instance;
using TransferLearning.Tests.Parity;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Instance;

/// <summary>TrAdaBoost with recorded weak predictions in place of a learner.</summary>
public sealed class TrAdaBoostParity : IParityAdapter
{
    public IEnumerable<string> Functions => ["tradaboost_paper_replay"];

    public ParityResult Compute(ParityInputs inputs)
    {
        var (source, target) = (inputs["source_labels"], inputs["target_labels"]);
        var replay = new Replay(
            cat([inputs["learner_hard_prediction_source"], inputs["learner_hard_prediction_target"]], 1)
        );
        var rows = arange(source.shape[0] + target.shape[0], dtype: float64).unsqueeze(1);
        var boosting = new TrAdaBoost(replay)
        {
            Rounds = inputs.Integer("n_estimators"),
            ErrorCap = inputs.Number("error_cap"),
        };
        var classes = LabelSpace.Classes(2);
        var targetRows = rows.narrow(0, source.shape[0], target.shape[0]);
        var vote = boosting.Fit(
            new LabeledDomain(rows.narrow(0, 0, source.shape[0]), source, space: classes),
            new LabeledDomain(targetRows, target, space: classes)
        );
        return new ParityResult()
            .With("normalised_weights_before_each_iteration", stack([.. replay.Weights]))
            .With("target_error_per_iteration", tensor(vote.Rounds.Select(round => round.TargetError).ToArray()))
            .With("beta_target_per_iteration", tensor(vote.Rounds.Select(round => round.Beta).ToArray()))
            .With("beta_source", 1 / (1 + Math.Sqrt(2 * Math.Log(source.shape[0]) / boosting.Rounds)))
            .With("final_target_prediction", vote.Predict(targetRows).argmax(1));
    }

    /// <summary>A learner that answers from a record; a row's only feature is its number.</summary>
    private sealed class Replay(Tensor predictions) : ILabelLearner
    {
        private int round;

        public List<Tensor> Weights { get; } = [];

        public ILabelPredictor Fit(LabeledDomain data)
        {
            Weights.Add((data.Weights! / data.Count).DetachFromDisposeScope());
            return new Answers(predictions[round++].DetachFromDisposeScope());
        }

        private sealed class Answers(Tensor classes) : ILabelPredictor
        {
            public Tensor Predict(Tensor features) =>
                nn.functional.one_hot(classes.index_select(0, features.squeeze(1).to(int64)), 2);
        }
    }
}
