using static TorchSharp.torch;

namespace TransferLearning.Instance;

/// <summary>Which source rows are left, and which target rows have which label for how many rounds.</summary>
internal sealed class ReplacedRows(LabeledDomain source, Tensor target)
{
    private readonly bool[] isRemoved = new bool[source.Count];
    private readonly long[] labels = [.. Enumerable.Repeat(-1L, (int)target.shape[0])];
    private readonly int[] rounds = new int[target.shape[0]];

    /// <summary>How many source rows are left.</summary>
    public int SourceLeft => isRemoved.Count(removed => !removed);

    /// <summary>How many rows there are to learn from.</summary>
    public int Count => SourceLeft + labels.Count(label => label >= 0);

    /// <summary>How many target rows the last exchange labeled.</summary>
    public int Labeled { get; private set; }

    /// <summary>How many target rows lost their label in the last exchange.</summary>
    public int Changed { get; private set; }

    /// <summary>The rows to learn from.</summary>
    /// <param name="sourceWeight">What source rows weigh.</param>
    /// <param name="targetWeight">What a target row weighs, from the rounds that it has had its label.</param>
    public LabeledDomain Training(double sourceWeight, Func<int, double> targetWeight)
    {
        using var scope = NewDisposeScope();
        var device = source.Inputs.device;
        var left = tensor(Places(i => !isRemoved[i], isRemoved.Length), dtype: int64).to(device);
        var own = Places(i => labels[i] >= 0, labels.Length);
        var given = source.Weights?.to(float64) ?? ones(source.Count, float64, device);
        var ofTarget = tensor(own.Select(i => targetWeight(rounds[i])).ToArray(), dtype: float64).to(device);
        return new LabeledDomain(
            cat([source.Inputs.index_select(0, left), target.index_select(0, tensor(own, dtype: int64).to(device))])
                .MoveToOuterDisposeScope(),
            cat([
                    source.Labels.index_select(0, left),
                    tensor(own.Select(i => labels[i]).ToArray(), dtype: int64).to(device),
                ])
                .MoveToOuterDisposeScope(),
            cat([(given / given.mean()).index_select(0, left) * sourceWeight, ofTarget])
                .to(source.Inputs.dtype)
                .MoveToOuterDisposeScope(),
            source.Space
        );
    }

    /// <summary>Labels target rows by a predictor and removes source rows for them.</summary>
    /// <param name="predictor">The predictor.</param>
    /// <param name="most">How many rows of each class at most.</param>
    /// <param name="band">Target rows of greater margin are not labeled.</param>
    public void Exchange(ILabelPredictor predictor, int most, double band)
    {
        var (classes, margins) = Read(predictor, target);
        var isOpen = labels.Select((label, i) => label < 0 && margins[i] <= band).ToArray();
        Changed = 0;
        for (var i = 0; i < labels.Length; i++)
        {
            if (labels[i] == classes[i])
            {
                rounds[i]++;
            }
            else if (labels[i] >= 0)
            {
                labels[i] = -1;
                Changed++;
            }
        }
        var chosen = Surest(i => isOpen[i], classes, margins, _ => most).ToList();
        chosen.ForEach(i => (labels[i], rounds[i]) = (classes[i], 1));
        Labeled = chosen.Count;
        var added = chosen.ToLookup(i => classes[i]);
        (classes, margins) = Read(predictor, source.Inputs);
        foreach (
            var i in Surest(i => !isRemoved[i], classes, margins, c => Labeled == 0 ? most : added[c].Count()).ToList()
        )
        {
            isRemoved[i] = true;
        }
    }

    // The places of greatest margin, so many of each class.
    private static IEnumerable<int> Surest(
        Func<int, bool> isOpen,
        long[] classes,
        double[] margins,
        Func<long, int> count
    ) =>
        Enumerable
            .Range(0, classes.Length)
            .Where(isOpen)
            .GroupBy(i => classes[i])
            .SelectMany(group => group.OrderByDescending(i => margins[i]).Take(count(group.Key)));

    private static (long[] Classes, double[] Margins) Read(ILabelPredictor predictor, Tensor inputs)
    {
        using var scope = NewDisposeScope();
        var (scores, classes) = predictor.Predict(inputs).to(float64).topk(2, 1);
        var margins = scores.select(1, 0) - scores.select(1, 1);
        return (
            classes.select(1, 0).contiguous().cpu().data<long>().ToArray(),
            margins.contiguous().cpu().data<double>().ToArray()
        );
    }

    private static long[] Places(Func<long, bool> holds, int count) =>
        [.. Enumerable.Range(0, count).Select(i => (long)i).Where(holds)];
}
