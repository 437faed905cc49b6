namespace TorchSharp;

public static partial class torch
{
    /// <summary>One place in a tensor's brackets: a number, a range, a mask, a tensor of indices, null or an ellipsis.</summary>
    public struct TensorIndex
    {
        internal enum Form
        {
            Colon,
            Single,
            Slice,
            Bool,
            Tensor,
            Null,
            Ellipsis,
        }

        internal Form Kind { get; private init; }

        internal long? First { get; private init; }

        internal long? Last { get; private init; }

        internal long? Step { get; private init; }

        internal Tensor? Elements { get; private init; }

#pragma warning disable CA2211 // They are plain static fields in TorchSharp, and callers bind to that.
        public static TensorIndex Ellipsis = new() { Kind = Form.Ellipsis };
        public static TensorIndex None = new() { Kind = Form.Null };
        public static TensorIndex Null = new() { Kind = Form.Null };
        public static TensorIndex Colon = new() { Kind = Form.Colon };
#pragma warning restore CA2211

        public static TensorIndex Slice(long? start = null, long? stop = null, long? step = null) =>
            new()
            {
                Kind = Form.Slice,
                First = start,
                Last = stop,
                Step = step,
            };

        public static TensorIndex Slice((int? start, int? end) range) => Slice(range.start, range.end);

        public static TensorIndex Slice(Range range) =>
            Slice(
                range.Start.IsFromEnd ? -range.Start.Value : range.Start.Value,
                range.End switch
                {
                    { IsFromEnd: true, Value: 0 } => null,
                    { IsFromEnd: true } end => -end.Value,
                    var end => end.Value,
                }
            );

        public static TensorIndex Bool(bool value) => new() { Kind = Form.Bool, First = value ? 1 : 0 };

        public static TensorIndex Single(long? index) => new() { Kind = Form.Single, First = index };

        public static TensorIndex Tensor(Tensor tensor) => new() { Kind = Form.Tensor, Elements = tensor };

        public static implicit operator TensorIndex(long value) => Single(value);

        public static implicit operator TensorIndex(Range range) => Slice(range);

        public static implicit operator TensorIndex((int? start, int? end) range) => Slice(range);

        public static implicit operator TensorIndex(Index index) =>
            Single(index.IsFromEnd ? -index.Value : index.Value);
    }
}
