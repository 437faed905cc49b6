using MathNet.Numerics.LinearAlgebra;
using TransferLearning.Data;
using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning;

/// <summary>Examples of one domain with their labels and, optionally, a weight each.</summary>
/// <remarks>
/// Holds references only: the caller keeps and disposes the tensors, and must not change them during a fit. It is a
/// type of its own, unrelated to <see cref="UnlabeledDomain"/>, so that target labels cannot slip into an unsupervised
/// fit: that would not compile. Immutable.
/// </remarks>
public sealed class LabeledDomain
{
    private readonly IRowSource rows;
    private readonly Tensor labels;
    private readonly Tensor? weights;

    /// <summary>A domain that lies in memory.</summary>
    /// <param name="inputs">
    /// Inputs <c>[n, ...]</c> of a floating dtype, or token numbers, int64 or int32, that an extractor reads.
    /// </param>
    /// <param name="labels">
    /// Class numbers, int64 <c>[n]</c>, or values of a floating dtype, <c>[n]</c> or <c>[n, k]</c>.
    /// </param>
    /// <param name="weights">Non-negative weights <c>[n]</c>, not all zero; null weighs all rows alike.</param>
    /// <param name="space">
    /// What the labels mean; null reads it off the labels (the largest class number plus one).
    /// </param>
    /// <exception cref="ArgumentException">
    /// The shapes or dtypes do not fit together, or a class number is out of range.
    /// </exception>
    public LabeledDomain(Tensor inputs, Tensor labels, Tensor? weights = null, LabelSpace? space = null)
        : this(new TensorRows(inputs), labels, weights, space) { }

    /// <summary>A domain whose inputs are read when needed; labels and weights lie in memory.</summary>
    /// <param name="rows">The inputs.</param>
    /// <param name="labels">
    /// Class numbers, int64 <c>[n]</c>, or values of a floating dtype, <c>[n]</c> or <c>[n, k]</c>.
    /// </param>
    /// <param name="weights">Non-negative weights <c>[n]</c>, not all zero; null weighs all rows alike.</param>
    /// <param name="space">What the labels mean; null reads it off the labels.</param>
    /// <exception cref="ArgumentException">
    /// The shapes or dtypes do not fit together, or a class number is out of range.
    /// </exception>
    public LabeledDomain(IRowSource rows, Tensor labels, Tensor? weights = null, LabelSpace? space = null)
    {
        ArgumentNullException.ThrowIfNull(rows);
        (this.rows, this.labels, this.weights) = (rows, labels, weights);
        Space = DomainChecks.SpaceOf(Labels, rows.Count, space);
        DomainChecks.Weights(Weights, rows.Count);
    }

    /// <summary>A domain of a matrix's rows, with class numbers.</summary>
    /// <remarks>The numbers are copied; the copies belong to the dispose scope that is open, if any.</remarks>
    /// <param name="inputs">A row an example.</param>
    /// <param name="labels">Class numbers, one a row.</param>
    /// <param name="type">The dtype of the inputs; null keeps float64. A network usually wants float32.</param>
    /// <exception cref="ArgumentException">There is not one class number, at least 0, for each row.</exception>
    public static LabeledDomain From(Matrix<double> inputs, IReadOnlyList<int> labels, ScalarType? type = null) =>
        new(Matrices.Rows(inputs, type ?? float64), Matrices.Classes(labels));

    /// <summary>A domain of a matrix's rows, with values.</summary>
    /// <remarks>The numbers are copied; the copies belong to the dispose scope that is open, if any.</remarks>
    /// <param name="inputs">A row an example.</param>
    /// <param name="labels">Values, one a row; they get the inputs' dtype.</param>
    /// <param name="type">The dtype of inputs and values; null keeps float64. A network usually wants float32.</param>
    /// <exception cref="ArgumentException">There is not one value for each row.</exception>
    public static LabeledDomain From(Matrix<double> inputs, Vector<double> labels, ScalarType? type = null) =>
        new(Matrices.Rows(inputs, type ?? float64), Matrices.Values(labels, type ?? float64));

    /// <summary>A domain of an array's rows, with class numbers.</summary>
    /// <inheritdoc cref="From(Matrix{double}, IReadOnlyList{int}, ScalarType?)"/>
    public static LabeledDomain From(float[,] inputs, IReadOnlyList<int> labels)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        return new(tensor(inputs), Matrices.Classes(labels));
    }

    /// <inheritdoc cref="From(float[,], IReadOnlyList{int})"/>
    public static LabeledDomain From(double[,] inputs, IReadOnlyList<int> labels)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        return new(tensor(inputs), Matrices.Classes(labels));
    }

    /// <summary>A domain of a TorchSharp data set: inputs are read when needed, labels now.</summary>
    /// <remarks>
    /// Reading the labels passes all examples once. The labels belong to the dispose scope that is open, if any.
    /// </remarks>
    /// <param name="dataset">The data set; the caller goes on owning it.</param>
    /// <param name="inputs">The name under which an example holds its inputs.</param>
    /// <param name="labels">
    /// The name under which an example holds its label: a class number of an integer dtype, or values of a floating
    /// one.
    /// </param>
    /// <param name="space">What the labels mean; null reads it off the labels.</param>
    /// <exception cref="ArgumentException">
    /// An example holds no such entry, there is no example, or the labels do not go together.
    /// </exception>
    public static LabeledDomain From(
        utils.data.Dataset dataset,
        string inputs = "data",
        string labels = "label",
        LabelSpace? space = null
    )
    {
        var examples = new DatasetRows(dataset, inputs);
        return new(examples, examples.All(labels), space: space);
    }

    /// <summary>The inputs <c>[n, ...]</c>.</summary>
    /// <exception cref="InvalidOperationException">
    /// The inputs are read from a row source and do not lie in memory.
    /// </exception>
    public Tensor Inputs => TensorRows.InMemory(rows);

    /// <summary>The inputs as rows to read, wherever they lie.</summary>
    public IRowSource Rows => rows;

    /// <summary>The labels: int64 <c>[n]</c>, or values <c>[n]</c> or <c>[n, k]</c>.</summary>
    public Tensor Labels => Guard.Alive(labels);

    /// <summary>The weights <c>[n]</c>, or null where all rows weigh alike.</summary>
    public Tensor? Weights => Guard.AliveOrNull(weights);

    /// <summary>What the labels mean.</summary>
    public LabelSpace Space { get; }

    /// <summary>How many examples there are.</summary>
    public long Count => rows.Count;

    /// <summary>The same examples without labels and weights: what an unsupervised fit may see of a target.</summary>
    public UnlabeledDomain WithoutLabels() => new(rows);

    /// <summary>The same examples with other weights <c>[n]</c>.</summary>
    public LabeledDomain WithWeights(Tensor? weights) => new(rows, Labels, weights, Space);

    /// <summary>
    /// The same examples with one more class, the last, that none of them has: for networks with an output for it.
    /// </summary>
    /// <exception cref="InvalidOperationException">The labels are values.</exception>
    public LabeledDomain WithUnknown() => new(rows, Labels, Weights, Space.WithUnknown());

    /// <summary>The same labels and weights over other inputs of as many rows.</summary>
    public LabeledDomain WithInputs(Tensor inputs) => new(inputs, Labels, Weights, Space);

    /// <summary>The same labels and weights over other rows, as many.</summary>
    internal LabeledDomain WithRows(IRowSource other) => new(other, Labels, Weights, Space);
}
