using TransferLearning.Instance;
using TransferLearning.Predictors;
using TransferLearning.Tests.Parity;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Instance;

/// <summary>TrAdaBoost.R2 over the same weak learners as ADAPT's: ridge regression and stumps.</summary>
public sealed class TrAdaBoostR2Parity : IParityAdapter
{
    public IEnumerable<string> Functions => ["tradaboost_r2"];

    public ParityResult Compute(ParityInputs inputs)
    {
        var (n, m) = (inputs["source"].shape[0], inputs["target"].shape[0]);
        var spy = new Spy(
            inputs.Text("weak_learner").StartsWith("Ridge", StringComparison.Ordinal)
                ? new RidgeRegression { PenaltyScale = PenaltyScale.Absolute }
                : DecisionTree.Stump,
            cat([inputs["source"], inputs["target"]])
        );
        // ADAPT's factor e / (2 - e) is an option beside the paper's.
        var boosting = new TrAdaBoostR2(spy)
        {
            Rounds = inputs.Integer("n_estimators"),
            Factor = BoostingFactor.HalvedOdds,
        };
        using var median = boosting.Fit(
            new LabeledDomain(inputs["source"], inputs["source_targets"]),
            new LabeledDomain(inputs["target"], inputs["target_targets"])
        );
        var (weights, answers) = (stack([.. spy.Weights]), stack([.. spy.Answers]));
        var result = new ParityResult()
            .With("source_weights_before_each_iteration", weights.narrow(1, 0, n))
            .With("target_weights_before_each_iteration", weights.narrow(1, n, m))
            .With("target_error_per_iteration", tensor(median.Rounds.Select(round => round.TargetError).ToArray()))
            .With("estimator_vote_weights", tensor(median.Rounds.Select(round => -Math.Log(round.Beta)).ToArray()))
            .With("learner_prediction_source", answers.narrow(1, 0, n))
            .With("learner_prediction_target", answers.narrow(1, n, m));
        return boosting.Rounds % 2 == 0
            ? result.Declines(
                "final_target_prediction",
                "of an even number N of rounds ADAPT leaves out the paper's round N/2"
            )
            : result.With("final_target_prediction", median.Predict(inputs["target"]).squeeze(1));
    }

    private sealed class Spy(ILabelLearner learner, Tensor rows) : ILabelLearner
    {
        public List<Tensor> Weights { get; } = [];

        public List<Tensor> Answers { get; } = [];

        public ILabelPredictor Fit(LabeledDomain data)
        {
            Weights.Add((data.Weights! / data.Count).DetachFromDisposeScope());
            var fitted = learner.Fit(data);
            Answers.Add(fitted.Predict(rows).squeeze(1).DetachFromDisposeScope());
            return fitted;
        }
    }
}
