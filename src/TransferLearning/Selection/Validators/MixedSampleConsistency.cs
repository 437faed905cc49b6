using TransferLearning.Data;
using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Selection;

/// <summary>
/// MixVal: whether the model reads a mixture of two target rows as it reads the one that makes up more of it.
/// </summary>
/// <remarks>
/// The share of pairs with <c>argmax f(lambda x_i + (1 - lambda) x_j) = argmax f(x_i)</c> for <c>lambda</c> above one
/// half (Hu, Liang, Liew, Xue, Bai and Wang 2023, "Mixed Samples as Probes for Unsupervised Model Selection in Domain
/// Adaptation"). Pairs of different classes and pairs of one class are scores of their own: put both into a search,
/// whose mean rank of the two is the paper's score. Rows are drawn in a random order, cut into batches, and paired with
/// the batch's reverse. For pairs within a class the rows of each class are so paired by themselves, and the middle row
/// of an odd batch, which would meet itself, is left out. Where there is no pair, as for a model that predicts one
/// class alone, the score is 0. Inputs are mixed, so they must be numbers whose mixture means something.
/// </remarks>
public sealed record MixedSampleConsistency : IModelScore
{
    private const int BatchSize = 128;

    /// <inheritdoc />
    public string Name => Pairs == MixedPairs.Between ? "MixVal between" : "MixVal within";

    /// <summary>Which pairs are mixed. Default pairs of different classes.</summary>
    public MixedPairs Pairs { get; init; }

    /// <summary>The larger part lambda, above one half and below 1. Default 0.55, the authors'.</summary>
    [OptionRange(Above = 0.5, Below = 1)]
    public double Share { get; init; } = 0.55;

    /// <summary>The seed of the order. Default 0.</summary>
    public long Seed { get; init; }

    /// <inheritdoc />
    /// <exception cref="ArgumentException">The target's rows are no floating numbers.</exception>
    public double Score(IFeatureExtractor extractor, ILabelPredictor predictor, DomainSet domains)
    {
        Guard.Options(this);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        using var mode = EvaluationMode.Of(extractor, predictor);
        var classes = TargetPredictions.Of(extractor, predictor, domains).Scores.argmax(1);
        var (rows, map) = (domains.Target.Rows, extractor.For(DomainId.Target));
        var (agreed, count) = (0L, 0L);
        foreach (var batch in Batches(classes.cpu()))
        {
            Canceling.Check();
            using var pass = NewDisposeScope();
            var read = BatchedPass.Read(rows, batch);
            if (!read.is_floating_point())
            {
                throw new ArgumentException(
                    $"inputs are mixed, so the target's rows must be floating numbers; they are {read.dtype}.",
                    nameof(domains)
                );
            }
            read = read.to(PartDevice.Of(map) ?? read.device);
            var own = classes.index_select(0, batch.to(classes.device));
            var mixed = predictor
                .Predict(map.Extract((read * Share) + (read.flip(0) * (1 - Share))))
                .argmax(1)
                .to(classes.device);
            var isAlike = own.eq(own.flip(0));
            var isPair = Pairs == MixedPairs.Between ? isAlike.logical_not() : isAlike.logical_and(NotMiddle(isAlike));
            agreed += mixed.eq(own).logical_and(isPair).sum().ToInt64();
            count += isPair.sum().ToInt64();
        }
        return count == 0 ? 0 : (double)agreed / count;
    }

    private static Tensor NotMiddle(Tensor like)
    {
        var place = arange(like.shape[0], dtype: int64, device: like.device);
        return place.ne(place.flip(0));
    }

    private IEnumerable<Tensor> Batches(Tensor classes)
    {
        using var generator = new RandomKey(Seed).Generator();
        var order = randperm(classes.shape[0], generator: generator);
        if (Pairs == MixedPairs.Within)
        {
            // Class by class, in the random order within each.
            var place = arange(order.shape[0], dtype: int64);
            order = order.index_select(0, ((classes.index_select(0, order) * order.shape[0]) + place).argsort());
        }
        var sorted = classes.index_select(0, order).data<long>().ToArray();
        for (long start = 0, end; start < order.shape[0]; start = end)
        {
            Canceling.Check();
            end = Math.Min(start + BatchSize, order.shape[0]);
            if (Pairs == MixedPairs.Within)
            {
                for (var i = start + 1; i < end; i++)
                {
                    if (sorted[i] != sorted[start])
                    {
                        end = i;
                    }
                }
            }
            yield return order.narrow(0, start, end - start);
        }
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => plan.OfClasses();
}
