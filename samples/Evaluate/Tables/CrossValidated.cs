using TransferLearning;
using static TorchSharp.torch;

namespace Evaluate.Tables;

/// <summary>The candidate that reads held-out thirds of the labelled rows best, weighted as they are, fitted to all of them.</summary>
/// <remarks>After a map or a weighting this looks at mapped and weighted source rows only: no target label chooses anything.</remarks>
/// <param name="candidates">The learners to choose from; the first of equals is taken.</param>
internal sealed class CrossValidated(params IReadOnlyList<ILabelLearner> candidates) : ILabelLearner
{
    private const int Folds = 3;

    /// <inheritdoc/>
    public ILabelPredictor Fit(LabelledDomain data) => candidates.MaxBy(candidate => Score(candidate, data))!.Fit(data);

    private static double Score(ILabelLearner learner, LabelledDomain data)
    {
        using var scope = NewDisposeScope();
        var weights = data.Weights ?? ones(data.Count, data.Inputs.dtype);
        var fold = arange(data.Count).remainder(Folds);
        double right = 0;
        for (var i = 0; i < Folds; i++)
        {
            var (kept, held) = (fold.ne(i).nonzero().squeeze(1), fold.eq(i).nonzero().squeeze(1));
            var predictor = learner.Fit(
                new LabelledDomain(
                    data.Inputs.index_select(0, kept),
                    data.Labels.index_select(0, kept),
                    weights.index_select(0, kept),
                    data.Space
                )
            );
            var read = predictor.Predict(data.Inputs.index_select(0, held)).argmax(1);
            var isRight = read.eq(data.Labels.index_select(0, held)).to(weights.dtype);
            right += (isRight * weights.index_select(0, held)).sum().to(float64).item<double>();
        }

        return right;
    }
}
