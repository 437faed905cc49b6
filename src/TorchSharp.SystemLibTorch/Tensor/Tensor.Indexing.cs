using System.Runtime.CompilerServices;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        [IndexerName("TensorItems")]
        public Tensor this[params TensorIndex[] indices]
        {
            get => index(indices);
            set => index_put_(value, indices);
        }

        [IndexerName("TensorItems")]
        public Tensor this[params Tensor[] indices]
        {
            get => index(indices);
            set => index_put_(value, indices);
        }

        [IndexerName("TensorItems")]
        public Tensor this[long i1]
        {
            get => At(i1);
            set => Put(value, i1);
        }

        [IndexerName("TensorItems")]
        public Tensor this[long i1, long i2]
        {
            get => At(i1, i2);
            set => Put(value, i1, i2);
        }

        [IndexerName("TensorItems")]
        public Tensor this[long i1, long i2, long i3]
        {
            get => At(i1, i2, i3);
            set => Put(value, i1, i2, i3);
        }

        [IndexerName("TensorItems")]
        public Tensor this[long i1, long i2, long i3, long i4]
        {
            get => At(i1, i2, i3, i4);
            set => Put(value, i1, i2, i3, i4);
        }

        [IndexerName("TensorItems")]
        public Tensor this[long i1, long i2, long i3, long i4, long i5]
        {
            get => At(i1, i2, i3, i4, i5);
            set => Put(value, i1, i2, i3, i4, i5);
        }

        [IndexerName("TensorItems")]
        public Tensor this[long i1, long i2, long i3, long i4, long i5, long i6]
        {
            get => At(i1, i2, i3, i4, i5, i6);
            set => Put(value, i1, i2, i3, i4, i5, i6);
        }

        [IndexerName("TensorItems")]
        public Tensor this[params long[] indices]
        {
            get => At(indices);
            set => Put(value, indices);
        }

        public Tensor index(params Tensor[] indices) => Aten.index_Tensor.Invoke(this, indices);

        public Tensor index(params TensorIndex[] indices)
        {
            var (view, tensors) = Narrow(indices);
            if (tensors.Count == 0)
                return view;
            using (view)
            using (var masks = new Temporaries(tensors, view.device))
                return view.index(masks.Indices);
        }

        public Tensor index_put_(Tensor value, params Tensor[] indices) => index_put_(value, indices, false);

        public Tensor index_put_(Tensor value, Tensor[] indices, bool accumulate = false) =>
            Aten.index_put_.Update(this, indices, value, accumulate);

        public Tensor index_put_(Tensor value, params TensorIndex[] indices) => index_put_(value, indices, false);

        public Tensor index_put_(Tensor value, TensorIndex[] indices, bool accumulate = false)
        {
            var (view, tensors) = Narrow(indices);
            using (view)
            {
                if (tensors.Count > 0)
                {
                    using var masks = new Temporaries(tensors, view.device);
                    using var typed = value.to_type(view.dtype);
                    view.index_put_(typed, masks.Indices, accumulate);
                }
                else if (accumulate)
                    view.add_(value);
                else
                    view.copy_(value);
            }
            return this;
        }

        public Tensor index_put_(Scalar value, params TensorIndex[] indices)
        {
            using Tensor element = value;
            return index_put_(element, indices, false);
        }

        public Tensor index_put_(Scalar value, params Tensor[] indices)
        {
            using Tensor element = value;
            using var typed = element.to(dtype, device);
            return index_put_(typed, indices, false);
        }

        private Tensor At(params ReadOnlySpan<long> indices)
        {
            var result = select(0, indices[0]);
            foreach (var index in indices[1..])
            {
                using var outer = result;
                result = outer.select(0, index);
            }
            return result;
        }

        private void Put(Tensor value, params ReadOnlySpan<long> indices)
        {
            using var element = At(indices);
            element.copy_(value);
        }

        /// <summary>
        /// Applies what gives a view (numbers, ranges, null, ellipsis), and lists by dimension the tensors that remain to be
        /// gathered by; null stands for a dimension taken whole.
        /// </summary>
        private (Tensor View, List<Tensor?> Tensors) Narrow(TensorIndex[] indices)
        {
            var view = Aten.alias.Invoke(this);
            var tensors = new List<Tensor?>();
            var dimension = 0;
            var covered = 0;
            foreach (var place in indices)
            {
                switch (place.Kind)
                {
                    case TensorIndex.Form.Single:
                        Step(view.select(dimension, place.First!.Value));
                        break;
                    case TensorIndex.Form.Slice:
                        Step(Aten.slice_Tensor.Invoke(view, dimension, place.First, place.Last, place.Step ?? 1));
                        dimension++;
                        break;
                    case TensorIndex.Form.Colon:
                        dimension++;
                        break;
                    case TensorIndex.Form.Null:
                        Step(view.unsqueeze(dimension));
                        dimension++;
                        break;
                    case TensorIndex.Form.Ellipsis:
                        dimension += (int)Dimensions - indices.Sum(Consumed);
                        break;
                    case TensorIndex.Form.Bool:
                        Step(view.unsqueeze(dimension));
                        Gather(torch.tensor([place.First != 0], device: device), 1);
                        break;
                    default:
                        Gather(place.Elements!, Consumed(place));
                        break;
                }
            }
            return (view, tensors);

            void Step(Tensor next)
            {
                view.Dispose();
                view = next;
            }

            void Gather(Tensor by, int dimensions)
            {
                for (; covered < dimension; covered++)
                    tensors.Add(null);
                tensors.Add(by);
                dimension += dimensions;
                covered = dimension;
            }
        }

        /// <summary>How many of the tensor's dimensions an index speaks of.</summary>
        private static int Consumed(TensorIndex place) =>
            place.Kind switch
            {
                TensorIndex.Form.Null or TensorIndex.Form.Ellipsis or TensorIndex.Form.Bool => 0,
                TensorIndex.Form.Tensor when place.Elements!.dtype is ScalarType.Bool or ScalarType.Byte => (int)
                    place.Elements.Dimensions,
                _ => 1,
            };
    }

    /// <summary>Index tensors on the device of what they index; those that had to be copied are disposed again.</summary>
    private sealed class Temporaries : IDisposable
    {
        private readonly List<Tensor?> given;

        public Temporaries(List<Tensor?> given, Device device)
        {
            this.given = given;
            Indices = new Tensor[given.Count];
            for (var i = 0; i < Indices.Length; i++)
                Indices[i] =
                    given[i] is { } tensor && tensor.device_type != device.type ? tensor.to(device) : given[i]!;
        }

        public Tensor[] Indices { get; }

        public void Dispose()
        {
            for (var i = 0; i < Indices.Length; i++)
                if (!ReferenceEquals(Indices[i], given[i]))
                    Indices[i].Dispose();
        }
    }
}
